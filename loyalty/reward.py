"""Exchanging points for rewards, and giving an unused exchange back."""

from datetime import date, datetime, timedelta
from typing import Literal

from loyalty.commands import Cancel, Redeem
from loyalty.facts import CancelledRow, RedemptionRow, VoucherRow
from loyalty.ids import redemption_id
from loyalty.live import LiveRules
from loyalty.outcomes import Outcome
from loyalty.refusals import (
    NotCancellable,
    NotEnoughPoints,
    OutOfStock,
    UnknownRedemption,
    UnknownReward,
)
from loyalty.results import Cancelled, Redeemed
from loyalty.stock import Stock, reward_item
from loyalty.vouchers import voucher_code
from loyalty.wallet import Wallet

RedemptionState = Literal["issued", "used", "cancelled", "expired"]


def decide_redeem(wallet: Wallet, command: Redeem, live: LiveRules, stock: Stock, at: datetime) -> Outcome:
    """Points and pieces together, or neither."""
    reward = live.rules.reward(command.reward)
    if reward is None:
        return UnknownReward(command.reward)
    item, quantity = reward_item(reward.id), command.quantity
    if reward.stock is not None:
        left = stock.left(item, wallet.writes)
        if left < quantity:
            return OutOfStock(item=reward.id, name=reward.name, left=left)
    cost = reward.price_points * quantity
    if cost > wallet.available:
        return NotEnoughPoints(needed=cost, available=wallet.available)
    if reward.stock is not None:
        wallet.writes.stock[item] += quantity
    wallet.spend(cost, "redeem", {"reward": reward.id, "name": reward.name, "quantity": quantity})
    code = voucher_code(command.entropy, 0)
    void_on = live.day(at) + timedelta(days=reward.valid_days)
    wallet.writes.vouchers.append(VoucherRow(code, 0))
    wallet.writes.redemptions.append(
        RedemptionRow(
            line=0, source="redeem", item=item, name=reward.name, quantity=quantity,
            took_stock=reward.stock is not None, points=cost, voucher_code=code, terms=reward.terms, expires_on=void_on,
        )
    )  # fmt: skip
    return Redeemed(
        receipt_no=wallet.receipt_no, line=0, reward=reward.id, name=reward.name, quantity=quantity,
        points=cost, voucher=code, state="issued", expires_on=void_on, balance=wallet.available,
    )  # fmt: skip


def decide_cancel(wallet: Wallet, command: Cancel, live: LiveRules, stock: Stock, at: datetime) -> Outcome:
    """Points go back to their original lots, the piece back to the shelf; points that lapsed meanwhile stay gone."""
    fact = wallet.memories.redemption
    if fact is None:
        return UnknownRedemption(redemption_id(command.receipt_no, command.line))
    state = redemption_state(fact.state, fact.expires_on, wallet.today)
    if state != "issued" or fact.source != "redeem":
        return NotCancellable(state if fact.source == "redeem" else "won")
    detail = {"name": fact.name, "quantity": fact.quantity}
    lapsed = wallet.restore(fact.paid_from, "cancel", detail)
    if fact.took_stock:
        wallet.writes.stock[fact.item] -= fact.quantity
    wallet.writes.cancelled.append(CancelledRow(fact.receipt_no, fact.line, wallet.posted_at))
    return Cancelled(fact.receipt_no, fact.line, fact.name, fact.points, lapsed, wallet.available)


def redemption_state(stored: str, expires_on: date, today: date) -> RedemptionState:
    """The state on a business day: an unused voucher has expired from the first moment of `expires_on`.

    Raises ValueError for a stored state that there is not.
    """
    match stored:
        case "issued":
            return "expired" if today >= expires_on else "issued"
        case "used":
            return "used"
        case "cancelled":
            return "cancelled"
    raise ValueError(f"unknown redemption state {stored}")
