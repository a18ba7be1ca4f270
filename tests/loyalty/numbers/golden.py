"""Golden rows: what members did on days, written straight into the facts."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from tests.ledger import Ledger

COLUMNS = (
    "member_id", "edition", "day", "first_minute", "acts", "issued", "used", "redeemed", "orders", "sold_fen", "is_new", "person",
    "returned",
)  # fmt: skip


class Day(NamedTuple):
    """A day of a member; `person` is the member themselves unless given."""

    member_id: int
    day: date
    acts: int = 0
    issued: int = 0
    used: int = 0
    returned: int = 0
    orders: int = 0
    sold_fen: int = 0
    person: int | None = None


async def member_days(ledger: Ledger, days: Iterable[Day]) -> None:
    """Write the days into edition 1."""
    rows = [
        (
            one.member_id, 1, one.day, 0 if one.acts else None, one.acts, one.issued, one.used, 0, one.orders, one.sold_fen, False,
            one.person or one.member_id, one.returned,
        )
        for one in days
    ]  # fmt: skip
    await ledger.pool.copy_records_to_table("member_day", records=rows, columns=COLUMNS)


async def accounts(ledger: Ledger, balances: dict[int, int], **growth: int) -> None:
    """Accounts of members with these balances and, by `m<id>`, growth."""
    statement = """
        INSERT INTO account (member_id, chain, posted_at, last_seen_on, available, issued, growth)
        VALUES ($1, sha256('x'), now(), current_date, $2, $2, $3)
    """
    await ledger.pool.executemany(
        statement, [(one, points, growth.get(f"m{one}", 0)) for one, points in balances.items()]
    )
