"""Erasing, described to the engine."""

from typing import Final

from loyalty.cases.rows import OPEN_CASE
from loyalty.engine.feature import Feature
from loyalty.engine.handler import STANDING, Handler
from loyalty.erasing.audit import CHECKS
from loyalty.erasing.commands import EraseMember
from loyalty.erasing.decide import CLOSED, decide
from loyalty.erasing.outcomes import AlreadyErased, MemberErased, MergeUnderWay, SomethingHeld, SomethingLeft
from loyalty.erasing.places import END_APPEALS, ERASURES, FORGET_PHONES, UNMARK
from loyalty.erasing.rows import HALVES, KNOWN, MERGING, TRACES, VOUCHERS
from loyalty.erasing.words import SENTENCES

FEATURE: Final = Feature(
    "erasing",
    handlers=(
        Handler(
            EraseMember, decide, gives=MemberErased, reads=(HALVES, TRACES, VOUCHERS, KNOWN, MERGING, OPEN_CASE),
            statuses=(*STANDING, CLOSED),
        ),
    ),
    outcomes=(MemberErased, AlreadyErased, MergeUnderWay, SomethingHeld, SomethingLeft),
    updates=(*ERASURES, END_APPEALS, FORGET_PHONES, UNMARK),
    checks=CHECKS,
    words=SENTENCES,
)  # fmt: skip
