"""兑换记录: vouchers of all members or of one, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import asyncpg

from operators.views.paging import Paged, instant_in, number_in, page_of

SELECT: Final = """
SELECT r.member_id, r.receipt_no, r.line, m.nickname, r.source, r.item, r.name, r.quantity, r.points, r.voucher_code, r.state,
    r.created_at, r.expires_on, r.closed_at, r.used_by, r.store
FROM redemption r JOIN member m ON m.member_id = r.member_id
WHERE {where} ORDER BY r.created_at DESC, r.member_id DESC, r.receipt_no DESC, r.line DESC LIMIT {limit}
"""
FILTERS: Final[Mapping[str, str]] = {
    "member_id": "r.member_id = {}::bigint",
    "item": "r.item = {}",
    "store": "r.store = {}",
    "code": "r.voucher_code = {}",
    "usable_on": "r.expires_on > {}::date",
    "lapsed_by": "r.expires_on <= {}::date",
}
STATES: Final = ("issued", "used", "cancelled", "moved")
BY_CODE: Final = "SELECT member_id FROM voucher_code WHERE code = $1"
AFTER: Final = (
    "(r.created_at, r.member_id, r.receipt_no, r.line) < ({}::timestamptz, {}::bigint, {}::bigint, {}::int)"
)


@dataclass(frozen=True)
class VoucherLine:
    """A voucher; `closed_at` is when it was used or cancelled, `used_by` and `store` who took it and where."""

    member_id: int
    receipt_no: int
    line: int
    nickname: str | None
    source: str
    item: str
    name: str
    quantity: int
    points: int
    voucher_code: str
    state: str
    created_at: datetime
    expires_on: date
    closed_at: datetime | None
    used_by: str | None
    store: str | None

    @property
    def key(self) -> str:
        """Its place in the list."""
        return f"{self.created_at.isoformat()}|{self.member_id}|{self.receipt_no}|{self.line}"


async def list_vouchers(
    pool: asyncpg.Pool, *, after: str = "", member_id: int | None = None, state: str = "", item: str = "", store: str = "",
    code: str = "", usable_on: date | None = None, lapsed_by: date | None = None, limit: int = 50,
) -> Paged[VoucherLine]:  # fmt: skip
    """Vouchers, newest first; `usable_on` and `lapsed_by` limit when they expire.

    A malformed `after` is the first page; an unknown state has no vouchers.
    """
    if state not in ("", *STATES):
        return Paged([], None)
    if code:
        owner = await pool.fetchval(BY_CODE, code)
        if owner is None or member_id not in (None, owner):
            return Paged([], None)
        member_id = owner
    given: dict[str, object] = {
        "member_id": member_id, "item": item, "store": store, "code": code, "usable_on": usable_on, "lapsed_by": lapsed_by,
    }  # fmt: skip
    wanted = [(one, value) for one, value in given.items() if value not in (None, "")]
    conditions = [FILTERS[one].format(f"${place}") for place, (one, _) in enumerate(wanted, 1)]
    if state:
        conditions.append(
            f"r.state = '{state}'"
        )  # a plan for any state would suit only those that many vouchers have
    values: list[object] = [value for _, value in wanted]
    if (place_of := _place(after)) is not None:
        conditions.append(AFTER.format(*(f"${len(values) + number}" for number in range(1, 5))))
        values += place_of
    rows = await pool.fetch(SELECT.format(where=" AND ".join(conditions) or "true", limit=limit + 1), *values)
    return page_of([VoucherLine(**row) for row in rows], limit, lambda line: line.key)


def _place(after: str) -> tuple[datetime, int, int, int] | None:
    parts = after.split("|")
    if len(parts) != 4:
        return None
    created_at, member_id, receipt_no = instant_in(parts[0]), number_in(parts[1]), number_in(parts[2])
    line = number_in(parts[3], "int")
    if created_at is None or member_id is None or receipt_no is None or line is None:
        return None
    return created_at, member_id, receipt_no, line
