"""Adjusting points, freezing and thawing."""

from typing import Any

from loyalty.adjustments.commands import AdjustPoints, FreezeAccount, ThawAccount
from loyalty.adjustments.outcomes import (
    AccountFrozen,
    AccountThawed,
    AlreadyFrozen,
    NotFrozen,
    PointsAdjusted,
)
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet


def decide_adjust(wallet: Wallet, command: AdjustPoints, scene: Scene[Any]) -> Outcome:
    """Points that come last as long as any granted today, and repay debt first; those that go are the earliest to lapse."""
    detail, points = {"reason": command.reason, "ticket": command.ticket}, command.points
    owed = max(-points - wallet.available, 0)
    if owed and not command.may_owe:
        return NotEnoughPoints(needed=-points, available=wallet.available)
    if points > 0:
        wallet.adjust_up(points, "adjusted", detail, scene.lapse_day)
    else:
        wallet.adjust_down(-points, "adjusted", detail, owed=owed)
    return PointsAdjusted(points, owed, wallet.available, wallet.account.debt, command.reason, command.by)


def decide_freeze(wallet: Wallet, command: FreezeAccount, _: Scene[Any]) -> Outcome:
    """Freeze an open account."""
    if wallet.account.status == "frozen":
        return AlreadyFrozen()
    wallet.account.status = "frozen"
    return AccountFrozen(command.reason, command.by)


def decide_thaw(wallet: Wallet, command: ThawAccount, _: Scene[Any]) -> Outcome:
    """Open a frozen account."""
    if wallet.account.status == "open":
        return NotFrozen()
    wallet.account.status = "open"
    return AccountThawed(command.reason, command.by)
