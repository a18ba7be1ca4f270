"""Paying with points, described to the engine."""

from pathlib import Path
from typing import Final

from loyalty.deductions.audit import CHECKS
from loyalty.deductions.commands import CaptureHold, HoldPoints, ReleaseHold
from loyalty.deductions.decide import decide_capture, decide_hold, decide_release
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
from loyalty.deductions.rows import CLOSE_HOLDS, HELD_LOTS, HOLD, HOLD_KEYS, HOLDS, OF_ORDER, TURN
from loyalty.deductions.words import SENTENCES, rule_texts
from loyalty.engine.feature import Feature
from loyalty.engine.handler import STANDING, Handler
from loyalty.engine.kept import Kept, named

KEPT: Final = Kept(
    table="hold", title="积分抵现", why="收银台收款时用积分抵钱", key=("receipt_no",),
    columns={
        "created_at": "时间", "store": "门店", "order_no": "订单号", "amount_fen": "订单金额（分）", "points": "先扣下的积分",
        "captured": "用掉的积分", "state": "状态", "closed_at": "收款或退回的时间",
    },
    shown={"state": named({"open": "等收银台收款", "captured": "收款了", "cancelled": "退回了", "lapsed": "超时退回了"})},
)  # fmt: skip

FEATURE: Final = Feature(
    "deductions",
    handlers=(
        Handler(HoldPoints, decide_hold, gives=PointsHeld, reads=(OF_ORDER, TURN), explains_repeats=True, once_per_person=True),
        Handler(CaptureHold, decide_capture, gives=HoldCaptured, reads=(HOLD,), lots=HELD_LOTS, explains_repeats=True),
        Handler(
            ReleaseHold, decide_release, gives=HoldReleased, reads=(HOLD,), lots=HELD_LOTS, explains_repeats=True,
            statuses=(*STANDING, "closed"),
        ),
    ),
    rule=lambda rules: rules.deductions,
    outcomes=(
        PointsHeld, HoldCaptured, HoldReleased, DeductionsOff, OrderTooSmall, TooManyPoints, TooFewPoints, OrderHasHold,
        UnknownHold, HoldClosed, HoldTimedOut, CaptureTooLarge,
    ),
    tables=(HOLDS, HOLD_KEYS),
    updates=(CLOSE_HOLDS,),
    checks=CHECKS,
    words=SENTENCES,
    texts=lambda rules, _: rule_texts(rules.deductions),
    schema=Path(__file__).with_name("schema.yaml"),
    kept=(KEPT,),
)  # fmt: skip
