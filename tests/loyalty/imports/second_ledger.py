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
    sheet.grant(command.points, "opening_balance", gone_on)
    return BalanceImported(command.points, gone_on, sheet.spendable)


def _ask(now: Situation) -> ImportBalance:
    gone_on = now.today + timedelta(days=now.dice.choice((-1, 0, 1, 30))) if now.dice.random() < 0.5 else None
    line = now.dice.randint(2, 9)
    return ImportBalance(
        **now.common, file=FILE, line=line, points=now.dice.choice((1, 50, 999)), expires_on=gone_on
    )


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            ImportBalance,
            _import,
            fact=lambda command, _: ("import", f"{command.file}:{command.line}"),
            chosen=lambda command: (command.file, command.line, command.points, command.expires_on),
        ),
    ),
    asks=(AskKind("import_balance", ImportBalance, _ask, share=1),),
)
