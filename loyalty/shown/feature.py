"""Prices and odds as members were shown them, described to the engine: a table that every feature with a price or odds shares."""

from pathlib import Path
from typing import Final

from loyalty.engine.feature import Feature
from loyalty.engine.kept import Kept
from loyalty.shown.outcomes import PriceChanged
from loyalty.shown.rows import NOTE_SHOWN, SHOWN

KEPT: Final = Kept(
    table="shown", title="聊天里看过的价格和概率", why="价格或概率变了以后，先告诉你再兑换或抽奖", key=("subject",),
    columns={"shown_at": "时间", "subject": "看了什么", "version": "当时的价格或概率版本"},
)  # fmt: skip

FEATURE: Final = Feature(
    "shown",
    outcomes=(PriceChanged,),
    tables=(SHOWN,),
    updates=(NOTE_SHOWN,),
    schema=Path(__file__).with_name("schema.yaml"),
    kept=(KEPT,),
)
