"""What staff and tills see at the counter: a voucher by its code, and a member's usable vouchers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import asyncpg

from loyalty.members.profile import mask
from loyalty.vouchers.rotating import claimed_voucher
from loyalty.vouchers.state import RedemptionState, redemption_state
from loyalty.vouchers.views import VoucherKey, tidy_code

COLUMNS: Final = """
r.member_id, r.receipt_no, r.line, m.nickname, r.voucher_code, r.name, r.quantity, r.terms, r.state, r.expires_on, r.closed_at,
r.used_by, r.store
"""
CODE_AT: Final = "SELECT voucher_code FROM redemption WHERE member_id = $1 AND receipt_no = $2 AND line = $3"
ANSWERED: Final = "SELECT EXISTS (SELECT 1 FROM receipt WHERE member_id = $1 AND request_key = $2)"
PLACE: Final = "SELECT member_id, receipt_no, line FROM voucher_code WHERE code = $1"
AT_PLACE: Final = f"""
SELECT {COLUMNS} FROM redemption r JOIN member m ON m.member_id = r.member_id
WHERE r.member_id = $1 AND r.receipt_no = $2 AND r.line = $3
"""  # noqa: S608  # no values in the text
USABLE: Final = f"""
SELECT {COLUMNS} FROM redemption r JOIN member m ON m.member_id = r.member_id
WHERE r.member_id = $1 AND r.state = 'issued' AND r.expires_on > $2 ORDER BY r.expires_on, r.receipt_no, r.line LIMIT $3
"""  # noqa: S608  # no values in the text
MOST_SHOWN: Final = 200


@dataclass(frozen=True)
class CounterVoucher:
    """A voucher as staff see it, with its member's masked name. `closed_at`, `used_by` and `store` say what became of it."""

    member_id: int
    receipt_no: int
    line: int
    whose: str
    code: str
    name: str
    quantity: int
    terms: str
    state: RedemptionState
    expires_on: date
    closed_at: datetime | None
    used_by: str | None
    store: str | None


async def voucher_at_counter(pool: asyncpg.Pool, typed: str, today: date) -> CounterVoucher | None:
    """The voucher with this code, however it was typed; None for an unknown one."""
    place = await pool.fetchrow(PLACE, tidy_code(typed))
    row = await pool.fetchrow(AT_PLACE, *place) if place else None
    return None if row is None else _voucher(row, today)


async def permanent_code(pool: asyncpg.Pool, key: VoucherKey) -> str | None:
    """The permanent code of the voucher at this place, wherever a merge of members carried it; None if none was ever there."""
    code: str | None = await pool.fetchval(CODE_AT, *key)
    return code


async def code_meant(pool: asyncpg.Pool, typed: str) -> str:
    """The permanent code that a typed code means; one that changes is not checked, it only says which voucher it is."""
    code = tidy_code(typed)
    key = claimed_voucher(code)
    return code if key is None else await permanent_code(pool, key) or code


async def was_answered(pool: asyncpg.Pool, permanent: str, request_key: str) -> bool:
    """Whether the member who has the voucher now has an answer under this request key, which a repeat gets again."""
    holder = await pool.fetchval(PLACE, permanent)
    return holder is not None and bool(await pool.fetchval(ANSWERED, holder, request_key))


async def usable_vouchers(pool: asyncpg.Pool, member_id: int, today: date) -> list[CounterVoucher]:
    """The member's vouchers that can be used, the first to expire first; at most MOST_SHOWN."""
    return [_voucher(row, today) for row in await pool.fetch(USABLE, member_id, today, MOST_SHOWN)]


def _voucher(row: asyncpg.Record, today: date) -> CounterVoucher:
    values = dict(row)
    whose, code = mask(values.pop("nickname"), row["member_id"]), values.pop("voucher_code")
    values["state"] = redemption_state(row["state"], row["expires_on"], today)
    return CounterVoucher(**values, whose=whose, code=code)
