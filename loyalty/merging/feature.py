"""Merging, described to the engine. It knows the other features by their `Carry` alone."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from loyalty.engine.carry import Carry
from loyalty.engine.feature import Feature
from loyalty.engine.handler import Handler
from loyalty.engine.outcomes import Outcome
from loyalty.merging import reads, rows
from loyalty.merging.audit import CHECKS
from loyalty.merging.commands import MergeIn, MergeOut, SplitIn, SplitOut
from loyalty.merging.decide import (
    decide_merge_in,
    decide_merge_out,
    decide_split_in,
    decide_split_out,
    meters_brought,
)
from loyalty.merging.outcomes import (
    AlreadyMerged,
    MergedIn,
    MergedOut,
    MergedThrough,
    MergeWaits,
    NotMergeable,
    NotMerged,
    SplitBack,
    SplitOff,
)
from loyalty.merging.words import SENTENCES

OUT: Final = (reads.METERS, reads.HALVES)
"""Reads of a member who gives."""


def merging(features: Iterable[Feature]) -> Feature:
    """The feature of merging, which carries the facts of these features."""
    carries = {feature.name: feature.carry for feature in features if feature.carry is not None}
    gives = tuple({read for carry in carries.values() for read in carry.gives_by})
    takes = tuple({read for carry in carries.values() for read in carry.takes_by})
    return Feature(
        "merging",
        handlers=(
            Handler(
                MergeOut, _with(decide_merge_out, carries), gives=MergedOut, lots=reads.LOTS,
                reads=(*OUT, reads.TARGET, reads.OWED, *gives), statuses=("open", "merged"),
            ),
            Handler(
                MergeIn, _with(decide_merge_in, carries), gives=MergedIn, lots=reads.LOTS, reads=(reads.PERSON, *takes),
                meters=lambda command, _: meters_brought(command),
            ),
            Handler(
                SplitOut, _with(decide_split_out, carries), gives=SplitOff, lots=reads.LOTS,
                reads=(*OUT, reads.MERGE, reads.THROUGH, *gives),
            ),
            Handler(
                SplitIn, _with(decide_split_in, carries), gives=SplitBack, lots=reads.LOTS,
                reads=(reads.HALVES, reads.CODES, *takes), statuses=("merged",),
                meters=lambda command, _: meters_brought(command),
            ),
        ),
        outcomes=(
            MergedOut, MergedIn, SplitOff, SplitBack, NotMergeable, MergeWaits, AlreadyMerged, NotMerged, MergedThrough,
        ),
        tables=(rows.MERGED_HALVES,),
        updates=rows.UPDATES,
        checks=CHECKS,
        words=SENTENCES,
        schema=Path(__file__).with_name("schema.yaml"),
    )  # fmt: skip


def _with(decide: Callable[..., Outcome], carries: Mapping[str, Carry]) -> Callable[..., Outcome]:
    return partial(decide, carries=carries)
