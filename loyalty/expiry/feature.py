"""The expiry of points, described to the engine."""

from typing import Final

from loyalty.engine.feature import Feature
from loyalty.engine.handler import STANDING, Handler
from loyalty.expiry.audit import CHECKS
from loyalty.expiry.commands import Book, WarnExpiry
from loyalty.expiry.decide import decide_book, decide_warn
from loyalty.expiry.outcomes import Booked, ExpiryWarned
from loyalty.expiry.rows import WARNINGS_GIVEN
from loyalty.expiry.words import rule_texts
from loyalty.members.visits import LAST_SEEN

FEATURE: Final = Feature(
    "expiry",
    handlers=(
        Handler(Book, decide_book, gives=Booked, statuses=STANDING),
        Handler(WarnExpiry, decide_warn, gives=ExpiryWarned, reads=(WARNINGS_GIVEN, LAST_SEEN)),
    ),
    rule=lambda rules: rules.notices.expiry,
    outcomes=(Booked, ExpiryWarned),
    checks=CHECKS,
    texts=lambda rules, _: rule_texts(rules.expiry),
)
