"""Appeals, described to the engine."""

from pathlib import Path
from typing import Final

from loyalty.appeals.commands import AnswerAppeal
from loyalty.appeals.decide import decide
from loyalty.appeals.outcomes import AppealAnswered, NoOpenAppeal
from loyalty.appeals.rows import ANSWERED, APPEALS, OPEN_APPEAL
from loyalty.engine.feature import Feature
from loyalty.engine.handler import STANDING, Handler

FEATURE: Final = Feature(
    "appeals",
    handlers=(
        Handler(
            AnswerAppeal,
            decide,
            gives=AppealAnswered,
            reads=(OPEN_APPEAL,),
            statuses=STANDING,
            explains_repeats=True,
        ),
    ),
    outcomes=(AppealAnswered, NoOpenAppeal),
    tables=(APPEALS,),
    updates=(ANSWERED,),
    schema=Path(__file__).with_name("schema.yaml"),
)
