"""Exchanging points for rewards, and giving an unused exchange back."""

from collections.abc import Mapping

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.engine.scene import Scene
from loyalty.ledger.ids import redemption_id
from loyalty.ledger.wallet import Wallet
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.rewards.outcomes import (
    Cancelled,
    NotCancellable,
    OutOfStock,
    Redeemed,
    UnknownRedemption,
    UnknownReward,
)
from loyalty.rewards.rule import Reward, reward_pool
from loyalty.vouchers.issue import Voucher, issue
from loyalty.vouchers.rows import CANCEL_REDEMPTIONS, REDEMPTION, CancelledRow
from loyalty.vouchers.state import redemption_state

RewardScene = Scene[Mapping[str, Reward]]


def decide_redeem(wallet: Wallet, command: Redeem, scene: RewardScene) -> Outcome:
    """Points and pieces together, or neither."""
    reward = scene.rule.get(command.reward)
    if reward is None:
        return UnknownReward(command.reward)
    item, quantity = reward_pool(reward.id), command.quantity
    if reward.stock is not None:
        left = scene.pools.short_of(item, quantity, wallet.writes)
        if left is not None:
            return OutOfStock(item=reward.id, name=reward.name, left=left)
    cost = reward.price_points * quantity
    if cost > wallet.available:
        return NotEnoughPoints(needed=cost, available=wallet.available)
    if reward.stock is not None:
        wallet.writes.pools[item] += quantity
    wallet.spend(cost, "redeem", {"reward": reward.id, "name": reward.name, "quantity": quantity})
    voucher = Voucher(
        "redeem", item, reward.name, reward.terms, reward.valid_days, quantity, cost, reward.stock is not None
    )
    code = issue(wallet, voucher, command.entropy, 0, scene.day)
    return Redeemed(
        receipt_no=wallet.receipt_no, line=0, reward=reward.id, name=reward.name, quantity=quantity,
        points=cost, voucher=code, state="issued", expires_on=voucher.void_on(scene.day), balance=wallet.available,
    )  # fmt: skip


def decide_cancel(wallet: Wallet, command: Cancel, scene: RewardScene) -> Outcome:
    """Points go back to their original lots, the piece back to the pool; points that lapsed meanwhile stay gone."""
    fact = scene.recall(REDEMPTION)
    if fact is None:
        return UnknownRedemption(redemption_id(command.receipt_no, command.line))
    state = redemption_state(fact.state, fact.expires_on, wallet.today)
    if state != "issued" or fact.source != "redeem":
        return NotCancellable(state if fact.source == "redeem" else "won")
    detail = {"name": fact.name, "quantity": fact.quantity}
    lapsed = wallet.restore(fact.paid_from, "cancel", detail)
    if fact.took_stock:
        wallet.writes.pools[fact.item] -= fact.quantity
    wallet.writes.change(CANCEL_REDEMPTIONS, CancelledRow(fact.receipt_no, fact.line, wallet.posted_at))
    return Cancelled(fact.receipt_no, fact.line, fact.name, fact.points, lapsed, wallet.available)
