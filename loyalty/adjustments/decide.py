"""Adjusting points, freezing and thawing."""

from typing import Any

from loyalty.adjustments.commands import AdjustPoints, FreezeAccount, ThawAccount, moved_by
from loyalty.adjustments.outcomes import (
    AboveLimit,
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
from loyalty.operations.decide import note_operation


def decide_adjust(wallet: Wallet, command: AdjustPoints, scene: Scene[Any]) -> Outcome:
    """Points that come last as long as any granted today, and repay debt first; those that go are the earliest to lapse."""
    detail, points = {"reason": command.reason, "ticket": command.ticket}, command.points
    if command.limit is not None:
        moved = moved_by(command.by, scene.day)
        if wallet.meter(moved) + abs(points) > command.limit:
            return AboveLimit(abs(points), command.limit, wallet.meter(moved))
        wallet.count(moved, abs(points))
    before = {"balance": wallet.available, "debt": wallet.account.debt}
    owed = max(-points - wallet.available, 0)
    if owed and not command.may_owe:
        return NotEnoughPoints(needed=-points, available=wallet.available)
    if points > 0:
        wallet.adjust_up(points, "adjusted", detail, scene.lapse_day)
    else:
        wallet.adjust_down(-points, "adjusted", detail, owed=owed)
    after = {"points": points, "balance": wallet.available, "debt": wallet.account.debt}
    note_operation(
        wallet, command, "adjust", by=command.by, reason=command.reason, subject=command.approved_by or "", before=before,
        after=after,
    )  # fmt: skip
    return PointsAdjusted(points, owed, wallet.available, wallet.account.debt, command.reason, command.by)


def decide_freeze(wallet: Wallet, command: FreezeAccount, _: Scene[Any]) -> Outcome:
    """Freeze an open account."""
    if wallet.account.status == "frozen":
        return AlreadyFrozen()
    wallet.account.status = "frozen"
    note_operation(wallet, command, "freeze", by=command.by, reason=command.reason)
    return AccountFrozen(command.reason, command.by)


def decide_thaw(wallet: Wallet, command: ThawAccount, _: Scene[Any]) -> Outcome:
    """Open a frozen account."""
    if wallet.account.status == "open":
        return NotFrozen()
    wallet.account.status = "open"
    note_operation(wallet, command, "release", by=command.by, reason=command.reason)
    return AccountThawed(command.reason, command.by)
