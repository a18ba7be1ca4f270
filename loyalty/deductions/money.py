"""Money as a person reads it."""


def yuan(fen: int) -> str:
    """An amount in yuan without needless zeros: 1200 fen → `12`, 1250 → `12.50`, 123456 → `1,234.56`."""
    whole, rest = divmod(fen, 100)
    return f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"
