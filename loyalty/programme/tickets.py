"""Tickets: free draws on a wheel that a member has won, as a meter that other features fill and the wheel uses up."""

from loyalty.ledger.writes import MeterKey


def tickets_of(wheel: str) -> MeterKey:
    """The meter of the free draws that a member holds on a wheel, beside those of the day."""
    return MeterKey(f"tickets:{wheel}")
