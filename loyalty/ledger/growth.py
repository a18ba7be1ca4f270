"""Growth that differs from points: what a member gained or lost of the growth value apart from the points they were granted.

Granted points count as growth by themselves. The growth value of an account is therefore the sum of all points ever issued to it
and of these rows.
"""

from typing import Final, NamedTuple

from loyalty.ledger.writes import Table


class GrowthRow(NamedTuple):
    """A change of the growth value, by the `line` within its receipt; negative for a loss."""

    line: int
    reason: str
    amount: int


GROWTH: Final = Table("growth_entry", GrowthRow, key=("receipt_no", "line"))
