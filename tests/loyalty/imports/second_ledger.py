"""Imported balances in the second ledger."""

from datetime import timedelta
from typing import Final

from loyalty.engine.outcomes import Outcome
from loyalty.imports.commands import ImportBalance
from loyalty.imports.outcomes import BalanceImported, ImportedTooLate
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Situation
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet

FILE: Final = "ab" * 32


def _import(_: Member, command: ImportBalance, scene: Scene, sheet: Sheet, __: Prediction) -> Outcome:
    gone_on = command.expires_on or scene.lapse_day
    if gone_on <= sheet.today:
        return ImportedTooLate(gone_on)
    growth = command.points if command.growth is None else command.growth
    if command.points:
        sheet.grant(command.points, "opening_balance", gone_on)
    sheet.growth += growth - command.points
    return BalanceImported(command.points, growth, gone_on, sheet.spendable)


def _ask(now: Situation) -> ImportBalance:
    """Points lapse on the first of a month, as all do here that were not extended; or their day has come."""
    next_month = (now.today.replace(day=1) + timedelta(days=32)).replace(day=1)
    days = (now.today - timedelta(days=1), now.today, next_month, next_month)
    gone_on = now.dice.choice(days) if now.dice.random() < 0.5 else None
    line = now.dice.randint(2, 9)
    points, growth = now.dice.choice(((1, None), (50, None), (999, 20), (0, 7), (5, 0)))
    return ImportBalance(**now.common, file=FILE, line=line, points=points, expires_on=gone_on, growth=growth)


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            ImportBalance,
            _import,
            fact=lambda command, _: ("import", f"{command.file}:{command.line}"),
            chosen=lambda command: (
                command.file,
                command.line,
                command.points,
                command.expires_on,
                command.growth,
            ),
        ),
    ),
    asks=(AskKind("import_balance", ImportBalance, _ask, share=1),),
)
