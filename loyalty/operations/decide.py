"""Writing the row of an operation with what its command writes."""

from typing import Any

import orjson

from loyalty.ledger.wallet import Wallet
from loyalty.operations.commands import OperatorCommand
from loyalty.operations.rows import OPERATIONS, OperationRow


def note_operation(
    wallet: Wallet,
    command: OperatorCommand,
    action: str,
    *,
    by: str | None,
    reason: str,
    subject: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Add the row, unless no operator gave the command. What `after` has must be in the result, where the audit compares it."""
    if by is None or command.role is None or command.origin is None:
        return
    row = OperationRow(
        f"receipt:{wallet.receipt_no}", by, command.role, command.origin, action, subject, _json(before),
        _json(after), reason
    )  # fmt: skip
    wallet.writes.add(OPERATIONS, row)


def _json(values: dict[str, Any] | None) -> str:
    return orjson.dumps(values or {}).decode()
