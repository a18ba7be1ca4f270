"""The rows of cases."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from loyalty.engine.command import DatedCommand
from loyalty.engine.past import Past
from loyalty.engine.reads import Read, ReadRequest
from loyalty.ledger.writes import Table, Update

SELECT_OPEN: Final = """
SELECT member_id, receipt_no FROM risk_case WHERE member_id = ANY($1::bigint[]) AND state = 'open'
"""
DECIDE: Final = """
UPDATE risk_case c SET state = u.state, reason = u.reason, decided_by = u.decided_by, decided_at = u.decided_at
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
    AS u(member_id, receipt_no, state, reason, decided_by, decided_at)
WHERE c.member_id = u.member_id AND c.receipt_no = u.receipt_no
"""


class CaseRow(NamedTuple):
    """A case: what was reached with the receipt `source`, and what is usual or allowed."""

    source: int
    cause: str
    found: int
    bound: int


class DecidedRow(NamedTuple):
    """What became of a case: `released` or `kept`, why, and who decided it."""

    receipt_no: int
    state: str
    reason: str
    decided_by: str
    decided_at: datetime


CASES: Final = Table(
    "risk_case",
    CaseRow,
    stamps={"receipt_no": "receipt_no", "opened_at": "posted_at"},
    mutable=("state", "reason", "decided_by", "decided_at"),
    key=("receipt_no",),
    begins={"state": "open"},
)
DECIDED: Final = Update(DECIDE, DecidedRow, table=CASES, since="decided_at")


async def _open(request: ReadRequest) -> Mapping[int, int]:
    rows = await request.connection.fetch(SELECT_OPEN, request.members)
    return {row["member_id"]: row["receipt_no"] for row in rows}


def _open_in(past: Past, _: DatedCommand, __: object) -> int | None:
    return next((row["receipt_no"] for row in past.rows[CASES].values() if row["state"] == "open"), None)


OPEN_CASE: Final = Read[int | None]("the number of the member's open case", _open, None, fold=_open_in)
