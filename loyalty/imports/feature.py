"""The import of balances, described to the engine."""

from typing import Final

from loyalty.engine.feature import Feature
from loyalty.engine.handler import Handler
from loyalty.imports.audit import CHECKS
from loyalty.imports.commands import ImportBalance
from loyalty.imports.decide import decide
from loyalty.imports.outcomes import BalanceImported, ImportedTooLate
from loyalty.imports.words import SENTENCES

FEATURE: Final = Feature(
    "imports",
    handlers=(Handler(ImportBalance, decide, gives=BalanceImported, once_per_person=True),),
    outcomes=(BalanceImported, ImportedTooLate),
    checks=CHECKS,
    words=SENTENCES,
)
