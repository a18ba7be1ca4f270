"""Exchanging points for rewards, and cancelling an unused redemption."""

from collections.abc import Mapping

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints, NothingDue
from loyalty.engine.scene import Scene
from loyalty.ledger.ids import redemption_id
from loyalty.ledger.wallet import Wallet
from loyalty.rewards.commands import Cancel, Redeem, UnlockReward
from loyalty.rewards.old_points import GRANTED_SINCE, price_of
from loyalty.rewards.outcomes import (
    Cancelled,
    NotCancellable,
    OutOfStock,
    Redeemed,
    RewardUnlocked,
    UnknownRedemption,
    UnknownReward,
)
from loyalty.rewards.rule import Reward, reward_pool
from loyalty.shown.decide import shown_as
from loyalty.shown.outcomes import PriceChanged
from loyalty.tiers.limits import tier_refusal
from loyalty.vouchers.issue import Voucher, first_day, issue
from loyalty.vouchers.rows import CANCEL_REDEMPTIONS, REDEMPTION, CancelledRow
from loyalty.vouchers.state import redemption_state

RewardScene = Scene[Mapping[str, Reward]]


def decide_redeem(wallet: Wallet, command: Redeem, scene: RewardScene) -> Outcome:
    """Take the points and the pieces, or refuse and take neither."""
    reward = scene.rule.get(command.reward)
    if reward is None:
        return UnknownReward(command.reward)
    if refused := tier_refusal(wallet, scene, reward.tiers):
        return refused
    price = price_of(
        reward, wallet.lots.values(), command.quantity, wallet.today, scene.recall(GRANTED_SINCE)
    )
    if not (
        _agreed(wallet, command, scene, price) or _agreed(wallet, command, scene, reward.price_points)
    ):  # who agreed to the full price agrees to the lower one of old points
        return PriceChanged(price, reward.name)
    item, quantity = reward_pool(reward.id), command.quantity
    if reward.stock is not None:
        left = scene.pools.short_of(item, quantity, wallet.writes)
        if left is not None:
            return OutOfStock(item=reward.id, name=reward.name, left=left)
    cost = price * quantity
    if cost > wallet.available:
        return NotEnoughPoints(needed=cost, available=wallet.available)
    if reward.stock is not None:
        wallet.writes.pools[item] += quantity
    wallet.spend(cost, "redeem", {"reward": reward.id, "name": reward.name, "quantity": quantity})
    voucher = Voucher(
        "redeem", item, reward.name, reward.terms, reward.valid_days, quantity, cost, reward.stock is not None,
        reward.cancel_hours,
    )  # fmt: skip
    row = issue(wallet, voucher, command.entropy, 0, first_day(wallet, scene))
    return Redeemed(
        receipt_no=wallet.receipt_no, line=0, reward=reward.id, name=reward.name, quantity=quantity, points=cost,
        voucher=row.voucher_code, state="issued", expires_on=row.expires_on, balance=wallet.available,
        cancellable_until=row.cancellable_until,
    )  # fmt: skip


def _agreed(wallet: Wallet, command: Redeem, scene: RewardScene, price: int) -> bool:
    """Whether the member's price is the one that the client sent or that the chat showed, where there is one."""
    sent = command.price_points in (None, price) and command.price_fen in (None, 0)
    return sent and shown_as(wallet, command, scene, str(price))


def decide_unlock(wallet: Wallet, command: UnlockReward, scene: RewardScene) -> Outcome:
    """Give the voucher, which costs nothing, unless the rules no longer have the reward."""
    reward = scene.rule.get(command.reward)
    if reward is None or reward.stock is not None:
        return NothingDue()
    voucher = Voucher("unlock", reward_pool(reward.id), reward.name, reward.terms, reward.valid_days)
    row = issue(wallet, voucher, command.entropy, 0, first_day(wallet, scene))
    return RewardUnlocked(reward.id, reward.name, command.days, row.voucher_code, row.expires_on)


def decide_cancel(wallet: Wallet, command: Cancel, scene: RewardScene) -> Outcome:
    """Return the points to the lots they came from, where expired ones lapse, and the pieces to the pool.

    What the reward promised on its purchase holds, whatever its rule says now.
    """
    bought = scene.recall(REDEMPTION)
    if bought is None:
        return UnknownRedemption(redemption_id(command.receipt_no, command.line))
    state = redemption_state(bought.state, bought.expires_on, wallet.today)
    if state != "issued" or bought.source != "redeem":
        return NotCancellable(state if bought.source == "redeem" else "won")
    if bought.cancellable_until is None or wallet.posted_at > bought.cancellable_until:
        return NotCancellable("too_late" if bought.cancellable_until else "never")
    detail = {"name": bought.name, "quantity": bought.quantity}
    lapsed = wallet.restore(bought.paid_from, "cancel", detail)
    if bought.took_stock:
        wallet.writes.pools[bought.item] -= bought.quantity
    wallet.writes.change(CANCEL_REDEMPTIONS, CancelledRow(bought.receipt_no, bought.line, wallet.posted_at))
    return Cancelled(bought.receipt_no, bought.line, bought.name, bought.points, lapsed, wallet.available)
