"""Prices and odds as members were shown them, described to the engine: a table that every feature with a price or odds shares."""

from pathlib import Path
from typing import Final

from loyalty.engine.feature import Feature
from loyalty.shown.outcomes import PriceChanged
from loyalty.shown.rows import NOTE_SHOWN, SHOWN

FEATURE: Final = Feature(
    "shown",
    outcomes=(PriceChanged,),
    tables=(SHOWN,),
    updates=(NOTE_SHOWN,),
    schema=Path(__file__).with_name("schema.yaml"),
)
