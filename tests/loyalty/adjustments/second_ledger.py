"""Adjustments, freezing and thawing in the second ledger."""

from dataclasses import replace
from typing import Any, Final

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
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Situation
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet

STANDING = ("open", "limited", "frozen")


def _adjust(_: Member, command: AdjustPoints, scene: Scene, sheet: Sheet, __: Prediction) -> Outcome:
    owed = max(0, -command.points - sheet.spendable)
    if owed and not command.may_owe:
        return NotEnoughPoints(-command.points, sheet.spendable)
    sheet.adjust(command.points, "adjusted", scene.lapse_day)
    return PointsAdjusted(command.points, owed, sheet.spendable, sheet.debt, command.reason, command.by)


def _become(status: str, made: Prediction) -> None:
    def keep(one: Member) -> None:
        one.status = status

    made.learn.append(keep)


def _freeze(member: Member, command: FreezeAccount, _: Scene, __: Sheet, made: Prediction) -> Outcome:
    if member.status == "frozen":
        return AlreadyFrozen()
    _become("frozen", made)
    return AccountFrozen(command.reason, command.by)


def _thaw(member: Member, command: ThawAccount, _: Scene, __: Sheet, made: Prediction) -> Outcome:
    if member.status == "open":
        return NotFrozen()
    _become("open", made)
    return AccountThawed(command.reason, command.by)


def _ask_to_adjust(now: Situation) -> AdjustPoints:
    points, may_owe = now.dice.choice((5, 40, -5, -40, -900)), now.dice.random() < 0.1
    ticket = f"t{now.dice.randrange(200)}"
    given: dict[str, Any] = {
        "actor": "operator",
        "reason": "x",
        "by": "test",
        "role": "owner",
        "origin": "here",
    }
    return AdjustPoints(**now.common, **given, points=points, ticket=ticket, may_owe=may_owe)


def _ask_to_freeze(now: Situation) -> FreezeAccount:
    return FreezeAccount(**now.common, actor="operator", reason="x", by="test", role="owner", origin="here")


def _ask_to_thaw(now: Situation) -> ThawAccount:
    return ThawAccount(**now.common, actor="operator", reason="x", by="test", role="owner", origin="here")


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            AdjustPoints,
            _adjust,
            fact=lambda command, _: ("adjust", command.ticket),
            chosen=lambda command: (
                command.points,
                command.ticket,
                command.reason,
                command.may_owe,
                command.limit,
            ),
            otherwise=lambda earlier: replace(earlier, reason="y"),
        ),
        Expected(
            FreezeAccount,
            _freeze,
            fact=lambda command, _: ("freeze", command.request_key),
            chosen=lambda command: (command.reason, command.by),
            otherwise=lambda earlier: replace(earlier, reason="y"),
            statuses=STANDING,
        ),
        Expected(
            ThawAccount,
            _thaw,
            fact=lambda command, _: ("thaw", command.request_key),
            chosen=lambda command: (command.reason, command.by),
            otherwise=lambda earlier: replace(earlier, reason="y"),
            statuses=STANDING,
        ),
    ),
    asks=(
        AskKind("adjust", AdjustPoints, _ask_to_adjust, share=3),
        AskKind("freeze", FreezeAccount, _ask_to_freeze, share=0),
        AskKind("thaw", ThawAccount, _ask_to_thaw, share=0),
    ),
)
"""Nobody freezes at random: the planner freezes some, and opens all of them again later."""
