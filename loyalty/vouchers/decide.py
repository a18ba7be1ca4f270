"""Using a voucher: once, before it has expired, and not after its redemption was cancelled."""

from typing import Any

from loyalty.engine.outcomes import Outcome
from loyalty.engine.scene import Scene
from loyalty.ledger.ids import redemption_id
from loyalty.ledger.wallet import Wallet
from loyalty.operations.decide import note_operation
from loyalty.vouchers.commands import UseVoucher
from loyalty.vouchers.outcomes import UnknownVoucher, VoucherNotUsable, VoucherUsed
from loyalty.vouchers.rows import REDEMPTION, USE_VOUCHERS, UsedRow
from loyalty.vouchers.state import redemption_state


def decide_use(wallet: Wallet, command: UseVoucher, scene: Scene[Any]) -> Outcome:
    """Mark the voucher as used, with the clerk and the store."""
    bought = scene.recall(REDEMPTION)
    if bought is None:
        return UnknownVoucher(redemption_id(command.receipt_no, command.line))
    state = redemption_state(bought.state, bought.expires_on, wallet.today)
    if state != "issued":
        return VoucherNotUsable(
            state, bought.name, bought.expires_on, bought.closed_at, bought.used_by, bought.store
        )
    row = UsedRow(bought.receipt_no, bought.line, wallet.posted_at, command.by, command.store)
    wallet.writes.change(USE_VOUCHERS, row)
    after = {"name": bought.name, "quantity": bought.quantity, "store": command.store}
    note_operation(wallet, command, "verify_voucher", by=command.by, reason="", after=after)
    return VoucherUsed(
        bought.receipt_no, bought.line, bought.name, bought.quantity, bought.terms, command.by, command.store
    )
