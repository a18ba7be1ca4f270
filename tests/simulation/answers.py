"""Whether every answer is explained by the states a member was in, in the order in which it was asked."""

from collections.abc import Sequence

from tests.simulation.happened import Asked, Mismatch
from tests.simulation.second_ledger import Member


def explain_answers(
    member: Member,
    asked: Sequence[Asked],
    right: dict[Asked, list[int]],
    made: dict[Asked, int],
    twice: set[str],
) -> None:
    """Every answer is explained, and what one engine was asked is answered in the order of asking.

    Of the keys `twice`, asked more than once while the wire broke, nobody can tell which try it was that made the receipt.
    """
    reached: dict[str, int] = {}
    for one in asked:
        if one.answer is None and one not in made:
            continue
        unsure = one.command.request_key in twice
        since = 0 if unsure else reached.get(one.engine, 0)
        positions = [
            place for place in ([made[one]] if one in made else right.get(one, [])) if place >= since
        ]
        if not positions:
            raise Mismatch(
                f"{one.command} of {one.engine} was told {one.answer}: nothing explains it "
                f"(right at {right.get(one)}, made {made.get(one)}, after {reached})",
                member.member_id,
            )
        if not unsure:
            reached[one.engine] = positions[0] + (one in made)
