"""What a command may have met when it was decided, as far as its outcome and the step tell."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from loyalty.engine.command import Command
from loyalty.engine.outcomes import Outcome
from loyalty.games.commands import Draw
from loyalty.games.outcomes import Drawn
from loyalty.rewards.outcomes import OutOfStock
from tests.simulation.happened import Happened
from tests.simulation.prediction import Scene
from tests.simulation.second_ledger import Member, Owed, Version, World, day_of, table_of

PLENTY = 10**9


def scenes(
    world: World, member: Member, command: Command, outcome: Outcome, now: datetime, happened: Happened
) -> Iterator[Scene]:
    """One scene, or several where an operator published at that moment, or a version's day had come and a draw put it in force.

    A draw that comes too late for the table of its own instant takes effect now, in whichever round it then meets; a closed
    account is told so before.
    """
    worlds = [world] if happened.before is None else [world, happened.before]
    today = day_of(max(now, member.posted_at))
    at = min(command.at, now)
    for rules in worlds:
        for rounds in worlds:
            if not (
                isinstance(command, Draw)
                and member.status == "open"
                and is_late(command, rules.version_at(at), rounds)
            ):
                yield Scene(at, day_of(at), today, rules.version_at(at), rounds.rounds, _left(outcome))
                continue
            for later in worlds:
                if not is_late(command, rules.version_at(now), later):
                    yield Scene(now, day_of(now), today, rules.version_at(now), later.rounds, _left(outcome))


def is_late(draw: Draw, version: Version, rounds: World) -> bool:
    """Whether the wheel's open round is on another table than the version's."""
    tables = {wheel.id: table_of(wheel) for wheel in version.rules.wheels}
    round_ = rounds.rounds.get(draw.wheel)
    return draw.wheel in tables and (round_ is None or round_.table != tables[draw.wheel])


def owed_command(member: Member, key: str, owed: Owed) -> Command:
    """The command that was left to be run."""
    return owed.kind(member_id=member.member_id, request_key=key, at=owed.at, actor="engine", **owed.fields)


def _left(outcome: Outcome) -> Callable[[str], int]:
    """What must have been left of an item for this outcome; whether it was is asked of all who came together."""
    if isinstance(outcome, OutOfStock):
        return lambda _: outcome.left
    if isinstance(outcome, Drawn):
        taken = Counter(f"prize:{outcome.wheel}:{draw.prize}" for draw in outcome.draws)
        return lambda item: taken[item]
    return lambda _: PLENTY
