"""The operation log, described to the engine."""

from pathlib import Path
from typing import Final

from loyalty.engine.feature import Feature
from loyalty.operations.audit import recompute
from loyalty.operations.rows import OPERATIONS

FEATURE: Final = Feature(
    "operations",
    tables=(OPERATIONS,),
    recompute={"operations": recompute},
    schema=Path(__file__).with_name("schema.yaml"),
)
