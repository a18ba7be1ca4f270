"""Paying with points in the second ledger: what is set aside, for which order, until when, and how it ended."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import Final, NamedTuple

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
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints, NothingDue
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Rows, Situation
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet

Uses = tuple[tuple[date, int], ...]


class Aside(NamedTuple):
    """Points set aside for an order; `worth` is what one of them pays, in fen."""

    store: str
    order: str
    points: int
    worth: Fraction
    deadline: datetime
    lots: Uses
    state: str = "open"
    captured: int = 0
    closed_at: datetime | None = None


@dataclass
class Holds:
    """A member's holds by the number of their receipt."""

    by_no: dict[int, Aside] = field(default_factory=dict)

    @property
    def by_order(self) -> dict[tuple[str, str], int]:
        """The hold of each order of a store."""
        return {(one.store, one.order): no for no, one in self.by_no.items()}


def most_fen(amount_fen: int, percent: int) -> int:
    """The whole fen that so many percent of an order are."""
    return amount_fen * percent // 100


def _hold(member: Member, command: HoldPoints, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    before = member.of(Holds).by_order.get((command.store, command.order))
    if before is not None:
        return OrderHasHold(before, member.of(Holds).by_no[before].state)
    rule = scene.version.rules.deductions
    if rule is None:
        return DeductionsOff()
    if command.amount_fen < rule.smallest_fen:
        return OrderTooSmall(rule.smallest_fen)
    worth = Fraction(100, rule.points_per_yuan)
    fen = int(command.points * worth)
    if fen == 0:
        return TooFewPoints(ceil(1 / worth))
    most = int(most_fen(command.amount_fen, rule.most_percent) / worth)
    most = ceil(int(most * worth) / worth)
    if command.points > most:
        return TooManyPoints(most, int(most * worth))
    if command.points > sheet.spendable:
        return NotEnoughPoints(command.points, sheet.spendable)
    lots = sheet.hold(command.points, "deduction_held")
    deadline = scene.posted_at + timedelta(minutes=rule.hold_minutes)
    aside, no = (
        Aside(command.store, command.order, command.points, worth, deadline, lots),
        member.version + 1,
    )
    made.learn.append(lambda one: one.of(Holds).by_no.update({no: aside}))
    return PointsHeld(no, command.order, command.store, command.points, fen, deadline, sheet.spendable)


def _open(member: Member, no: int) -> Aside | Outcome:
    aside = member.of(Holds).by_no.get(no)
    if aside is None:
        return UnknownHold(no)
    if aside.closed_at is not None:
        return HoldClosed(aside.state, aside.captured, aside.closed_at)
    return aside


def _close(made: Prediction, no: int, state: str, captured: int, at: datetime) -> None:
    def keep(one: Member) -> None:
        kept = one.of(Holds).by_no
        kept[no] = kept[no]._replace(state=state, captured=captured, closed_at=at)

    made.learn.append(keep)


def _capture(member: Member, command: CaptureHold, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    aside = _open(member, command.hold)
    if not isinstance(aside, Aside):
        return aside
    if not scene.posted_at < aside.deadline:
        return HoldTimedOut(aside.deadline)
    points = command.points or aside.points
    if points > aside.points:
        return CaptureTooLarge(aside.points)
    paid, left, rest = [], points, []
    for day, amount in sorted(aside.lots):
        taken = min(left, amount)
        left -= taken
        paid += [(day, taken)] * (taken > 0)
        rest += [(day, amount - taken)] * (amount > taken)
    sheet.capture(tuple(paid), "deduction_captured")
    lapsed = sheet.release(tuple(rest), "deduction_released") if rest else 0
    _close(made, command.hold, "captured", points, scene.posted_at)
    return HoldCaptured(
        command.hold, aside.order, aside.store, points, int(points * aside.worth), aside.points - points, lapsed,
        sheet.spendable,
    )  # fmt: skip


def _release(member: Member, command: ReleaseHold, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    aside = _open(member, command.hold)
    if not isinstance(aside, Aside):
        return aside
    if command.why == "lapsed" and scene.posted_at < aside.deadline:
        return NothingDue()
    lapsed = sheet.release(aside.lots, "deduction_released")
    _close(made, command.hold, command.why, 0, scene.posted_at)
    return HoldReleased(
        command.hold, aside.order, aside.store, aside.points, command.why, lapsed, sheet.spendable
    )


def _ask_to_hold(now: Situation) -> HoldPoints:
    """A few orders of the member at two stores, so that two tills meet over one of them.

    Now and then too many points, or none worth a fen.
    """
    order = f"{now.member.member_id}-{now.dice.randrange(6)}"
    amount = now.dice.choice((30, 200, 5000, 20_000))
    points = now.dice.choice((1, 10, 25, 60, 80, 2000))
    store = now.dice.choice(("sh-01", "sh-02"))
    return HoldPoints(**now.common, actor="till", order=order, store=store, amount_fen=amount, points=points)


def _some(now: Situation) -> int:
    return now.dice.choice([*now.member.of(Holds).by_no, 99_999][-4:])


def _ask_to_capture(now: Situation) -> CaptureHold | None:
    if not now.member.of(Holds).by_no and now.dice.random() < 0.9:
        return None
    points = now.dice.choice((None, None, None, 5, 70))
    return CaptureHold(**now.common, actor="till", hold=_some(now), points=points)


def _ask_to_release(now: Situation) -> ReleaseHold | None:
    if not now.member.of(Holds).by_no and now.dice.random() < 0.9:
        return None
    hold = _some(now)
    if now.dice.random() < 0.4:
        return ReleaseHold(**now.common, actor="till", hold=hold)
    return ReleaseHold(**now.job, request_key=f"job:release_hold|{hold}|{now.today}", hold=hold, why="lapsed")


def _of_hold(command: CaptureHold | ReleaseHold, _: date) -> tuple[str, str]:
    return "close_hold", str(command.hold)


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            HoldPoints,
            _hold,
            fact=lambda command, _: ("hold", f"{command.store}:{command.order}"),
            chosen=lambda command: (command.order, command.store, command.amount_fen, command.points),
            otherwise=lambda earlier: replace(earlier, points=earlier.points + 1),
            explains_repeats=True,
        ),
        Expected(
            CaptureHold,
            _capture,
            fact=_of_hold,
            chosen=lambda command: (command.hold, command.points),
            otherwise=lambda earlier: replace(earlier, points=(earlier.points or 0) + 1),
            explains_repeats=True,
        ),
        Expected(
            ReleaseHold,
            _release,
            fact=_of_hold,
            chosen=lambda command: (command.hold, command.why),
            otherwise=lambda earlier: replace(earlier, hold=earlier.hold + 1),
            explains_repeats=True,
            statuses=("open", "limited", "frozen"),
        ),
    ),
    asks=(
        AskKind("hold", HoldPoints, _ask_to_hold, share=8, together=True),
        AskKind("capture", CaptureHold, _ask_to_capture, share=6),
        AskKind("release", ReleaseHold, _ask_to_release, share=6),
    ),
    rows=(
        Rows(
            "holds",
            "SELECT member_id, receipt_no, store, order_no, points, deadline, state, captured, closed_at FROM hold",
            lambda member: (
                (no, one.store, one.order, one.points, one.deadline, one.state, one.captured, one.closed_at)
                for no, one in member.of(Holds).by_no.items()
            ),
        ),
    ),
)
