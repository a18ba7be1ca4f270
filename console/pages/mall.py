"""商城: what was redeemed."""

from collections.abc import Mapping
from typing import Final

from console.listing import Filter, draw_listing
from console.page import Page, Visit
from console.pages.members import VOUCHER_STATES, voucher_listing
from operators.roles import Action
from operators.views.vouchers import list_vouchers

STORED: Final = ("issued", "used", "cancelled")


async def draw_redemptions(visit: Visit, query: Mapping[str, str]) -> None:
    """All vouchers, newest first."""
    filters = (
        Filter("code", "券码"),
        Filter("state", "状态", {code: VOUCHER_STATES[code][0] for code in STORED}),
        Filter("item", "奖品编号"),
        Filter("store", "核销门店"),
    )
    code, state, item, store = (query.get(name, "")[:64] for name in ("code", "state", "item", "store"))
    found = await list_vouchers(
        visit.pool, after=query.get("after", ""), code=code.upper(), state=state, item=item, store=store
    )
    draw_listing(
        voucher_listing(visit, "/mall/redemptions", {}, filters=filters), found.rows, query, found.after
    )


PAGES: Final = (Page("/mall/redemptions", "兑换记录", "mall", Action.LOOK_MEMBERS, draw_redemptions),)
