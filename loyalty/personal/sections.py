"""The sections of the copy: what is kept of a member, and what for."""

from typing import Final

from loyalty.engine.kept import Kept
from loyalty.features import FEATURES
from loyalty.personal.own import OF_LEDGER, OF_MEMBERS

SECTIONS: Final[tuple[Kept, ...]] = (
    *OF_MEMBERS,
    *OF_LEDGER,
    *(kept for feature in FEATURES for kept in feature.kept),
)
"""In the order of the copy."""
