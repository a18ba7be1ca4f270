"""Cases, described to the engine."""

from pathlib import Path
from typing import Final

from loyalty.appeals.rows import OPEN_APPEAL
from loyalty.cases.audit import CHECKS
from loyalty.cases.commands import CloseCase, DecideCase, OpenCase
from loyalty.cases.decide import decide_case, decide_close, decide_open
from loyalty.cases.outcomes import CaseClosed, CaseDecided, CaseOpened, NoOpenCase
from loyalty.cases.rows import CASES, DECIDED, OPEN_CASE
from loyalty.cases.words import rule_texts
from loyalty.engine.feature import Feature
from loyalty.engine.handler import STANDING, Handler
from loyalty.engine.kept import Kept, named

KEPT: Final = Kept(
    table="risk_case", title="花积分异常的核对", why="账户被别人冒用时，先停住再核对", key=("receipt_no",),
    columns={"opened_at": "时间", "state": "结果", "decided_at": "核对时间"},
    shown={"state": named({"open": "正在核对", "released": "核对无误，已恢复", "kept": "没有恢复"})},
)  # fmt: skip

FEATURE: Final = Feature(
    "cases",
    handlers=(
        Handler(OpenCase, decide_open, gives=CaseOpened, statuses=STANDING),
        Handler(
            DecideCase, decide_case, gives=CaseDecided, reads=(OPEN_CASE, OPEN_APPEAL), statuses=STANDING,
            explains_repeats=True,
        ),
        Handler(CloseCase, decide_close, gives=CaseClosed, reads=(OPEN_CASE,), statuses=STANDING),
    ),
    rule=lambda rules: rules.risk,
    outcomes=(CaseOpened, CaseDecided, CaseClosed, NoOpenCase),
    tables=(CASES,),
    updates=(DECIDED,),
    checks=CHECKS,
    texts=lambda rules, _: rule_texts(rules.risk),
    schema=Path(__file__).with_name("schema.yaml"),
    kept=(KEPT,),
)  # fmt: skip
