"""The list of vouchers, of one member or of all."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup

from console.listing import Column, Filter, Listing
from console.listings.members import named
from console.markup import Tone, badge, join, moment, points, until
from console.page import Visit
from loyalty.vouchers.state import redemption_state
from operators.views.vouchers import VoucherLine

VOUCHER_STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "issued": ("待使用", "good"), "used": ("已核销", "quiet"), "cancelled": ("已取消", "quiet"), "expired": ("已过期", "warn"),
    "moved": ("随合并转走", "quiet"),
}  # fmt: skip


def voucher_listing(
    visit: Visit,
    path: str,
    kept: Mapping[str, str],
    stores: Mapping[str, str],
    *,
    of_one: bool = False,
    filters: tuple[Filter, ...] = (),
) -> Listing[VoucherLine]:
    """A list of vouchers, of one member or of all; `stores` are the names of the stores by id."""
    zone = visit.zone
    whose: tuple[Column[VoucherLine], ...] = (
        () if of_one else (Column("会员", lambda row: named(row.member_id, row.nickname)),)
    )
    return Listing(
        path=path,
        caption="兑换记录",
        columns=(
            Column("时间", lambda row: moment(row.created_at, zone)),
            *whose,
            Column("奖品", lambda row: row.name),
            Column("数量", lambda row: row.quantity, "number"),
            Column("积分", lambda row: points(row.points), "number"),
            Column("券码", lambda row: Markup("<code>{}</code>").format(row.voucher_code)),
            Column("状态", lambda row: badge(*VOUCHER_STATES[_state(visit, row)])),
            Column("有效期至", lambda row: until(row.expires_on)),
            Column("核销或取消", lambda row: _closed(visit, row, stores)),
        ),
        empty="还没有兑换过。",
        filters=filters,
        kept=kept,
    )


def _closed(visit: Visit, row: VoucherLine, stores: Mapping[str, str]) -> object:
    """When the voucher was used or cancelled, and in which store."""
    if row.closed_at is None:
        return "–"
    return join([moment(row.closed_at, visit.zone), " ", stores.get(row.store or "", row.store or "")])


def _state(visit: Visit, row: VoucherLine) -> str:
    return row.state if row.state == "moved" else redemption_state(row.state, row.expires_on, visit.today)
