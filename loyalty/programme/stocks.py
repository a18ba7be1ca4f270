"""How many pieces are left of limited prizes and rewards."""

from collections.abc import Mapping

from models.rules import Stock


async def stocks_left(published: Mapping[str, int | None]) -> dict[str, int | None]:
    """Pieces left per item; None is endless.

    `published` gives each item's stock by the rules, which counts where no row is kept yet.
    """
    limited = [item for item, stock in published.items() if stock is not None]
    rows = await Stock.filter(item__in=limited) if limited else []
    return {**published, **{row.item: row.stocked - row.taken for row in rows}}
