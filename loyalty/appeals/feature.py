"""Appeals, described to the engine."""

from pathlib import Path
from typing import Final

from loyalty.appeals.commands import AnswerAppeal
from loyalty.appeals.decide import decide
from loyalty.appeals.outcomes import AppealAnswered, NoOpenAppeal
from loyalty.appeals.rows import ANSWERED, APPEALS, OPEN_APPEAL
from loyalty.engine.feature import Feature
from loyalty.engine.handler import STANDING, Handler
from loyalty.engine.kept import Kept, named

KEPT: Final = Kept(
    table="appeal", title="申诉", why="答复你的申诉", key=("id",),
    columns={
        "opened_at": "时间", "text": "你写的", "state": "状态", "answer": "答复", "answered_at": "答复时间",
        "released": "是否解除限制",
    },
    shown={"state": named({"open": "正在处理", "answered": "已答复"})},
)  # fmt: skip

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
    kept=(KEPT,),
)
