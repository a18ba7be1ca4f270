"""The rows of the operation log."""

from typing import Final, NamedTuple

from loyalty.ledger.writes import Table


class OperationRow(NamedTuple):
    """One operation of an operator on this member.

    `before` and `after` hold what changed, as JSON texts; `subject` names what it was about.
    """

    id: str
    operator: str
    role: str
    origin: str
    action: str
    subject: str
    before: str
    after: str
    reason: str


OPERATIONS: Final = Table("operation", OperationRow, stamps={"receipt_no": "receipt_no", "at": "posted_at"})
"""Also written outside the engine (`operators/log.py`), so that the audit compares its rows by checks of its own."""
