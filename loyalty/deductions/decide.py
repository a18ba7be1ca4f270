"""Setting points aside for an order, and ending that once: by a capture of all or a part of them, or by their release."""

from datetime import timedelta

from loyalty.deductions.commands import CaptureHold, HoldPoints, ReleaseHold
from loyalty.deductions.outcomes import (
    CaptureTooLarge,
    DeductionsOff,
    HoldCaptured,
    HoldClosed,
    HoldReleased,
    HoldTimedOut,
    OrderHasHold,
    OrderTooSmall,
    PointsHeld,
    TooFewPoints,
    TooManyPoints,
    UnknownHold,
)
from loyalty.deductions.rows import (
    CLOSE_HOLDS,
    HOLD,
    HOLD_KEYS,
    HOLDS,
    OF_ORDER,
    TURN,
    ClosedRow,
    HoldKeyRow,
    HoldRow,
    StoredHold,
)
from loyalty.deductions.rule import DeductionRule, fen_of
from loyalty.engine.outcomes import Outcome, Refusal
from loyalty.engine.refusals import NotEnoughPoints, NothingDue
from loyalty.engine.scene import Scene
from loyalty.ledger import holds
from loyalty.ledger.lots import first_points
from loyalty.ledger.wallet import Wallet

DeductionScene = Scene[DeductionRule | None]


def decide_hold(wallet: Wallet, command: HoldPoints, scene: DeductionScene) -> Outcome:
    """Set the points aside until the deadline, if the order takes so many and the member has them."""
    turn = scene.recall(TURN)
    if before := scene.recall(OF_ORDER) or turn.other:
        return OrderHasHold(before.receipt_no, before.state)
    rule = scene.rule
    if rule is None:
        return DeductionsOff()
    if refusal := _not_holdable(wallet, command, rule):
        return refusal
    row = HoldRow(
        command.order, command.store, command.amount_fen, command.points, rule.points_per_yuan,
        wallet.posted_at + timedelta(minutes=rule.hold_minutes),
    )  # fmt: skip
    deduct_fen = rule.fen_of(command.points)
    detail = {"store": command.store, "order": command.order, "fen": deduct_fen}
    holds.hold(wallet, command.points, "deduction_held", detail)
    wallet.writes.add(HOLDS, row)
    wallet.writes.add(HOLD_KEYS, HoldKeyRow(command.order, command.store, turn.turn))
    return PointsHeld(
        wallet.receipt_no, command.order, command.store, command.points, deduct_fen, row.deadline, wallet.available
    )  # fmt: skip


def _not_holdable(wallet: Wallet, command: HoldPoints, rule: DeductionRule) -> Refusal | None:
    if command.amount_fen < rule.smallest_fen:
        return OrderTooSmall(rule.smallest_fen)
    if not rule.fen_of(command.points):
        return TooFewPoints(rule.points_of(1))
    most = rule.most_for(command.amount_fen)
    if command.points > most:
        return TooManyPoints(most, rule.fen_of(most))
    if command.points > wallet.available:
        return NotEnoughPoints(needed=command.points, available=wallet.available)
    return None


def decide_capture(wallet: Wallet, command: CaptureHold, scene: DeductionScene) -> Outcome:
    """Spend the points before the deadline; what the capture leaves returns to its lots."""
    hold = scene.recall(HOLD)
    if hold is None:
        return UnknownHold(command.hold)
    if closed := _closed(hold):
        return closed
    if wallet.posted_at >= hold.deadline:
        return HoldTimedOut(hold.deadline)
    points = hold.points if command.points is None else command.points
    if points > hold.points:
        return CaptureTooLarge(hold.points)
    paid, rest = first_points(hold.held_from, points)
    fen, lapsed = fen_of(points, hold.points_per_yuan), 0
    holds.capture(wallet, paid, "deduction_captured", _detail(hold) | {"fen": fen})
    if rest:
        lapsed = holds.release(wallet, rest, "deduction_released", _detail(hold) | {"why": "captured"})
    wallet.writes.change(CLOSE_HOLDS, ClosedRow(hold.receipt_no, "captured", points, wallet.posted_at))
    return HoldCaptured(
        hold.receipt_no, hold.order_no, hold.store, points, fen, hold.points - points, lapsed, wallet.available
    )  # fmt: skip


def decide_release(wallet: Wallet, command: ReleaseHold, scene: DeductionScene) -> Outcome:
    """Return the points to the lots they came from, where expired ones lapse. A job may do so once the deadline has come."""
    hold = scene.recall(HOLD)
    if hold is None:
        return UnknownHold(command.hold)
    if closed := _closed(hold):
        return closed
    if command.why == "lapsed" and wallet.posted_at < hold.deadline:
        return NothingDue()
    lapsed = holds.release(wallet, hold.held_from, "deduction_released", _detail(hold) | {"why": command.why})
    wallet.writes.change(CLOSE_HOLDS, ClosedRow(hold.receipt_no, command.why, 0, wallet.posted_at))
    return HoldReleased(
        hold.receipt_no, hold.order_no, hold.store, hold.points, command.why, lapsed, wallet.available
    )


def _closed(hold: StoredHold) -> HoldClosed | None:
    if hold.closed_at is None:
        return None
    return HoldClosed(hold.state, hold.captured, hold.closed_at)


def _detail(hold: StoredHold) -> dict[str, str]:
    return {"store": hold.store, "order": hold.order_no}
