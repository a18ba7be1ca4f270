"""What a command may have met when it was decided, as far as its outcome and the step tell."""

from collections.abc import Callable, Iterator
from datetime import datetime

from loyalty.engine.command import Command
from loyalty.engine.outcomes import Outcome
from tests.simulation.features import EXPECTED, LEDGERS
from tests.simulation.happened import Happened
from tests.simulation.prediction import Scene
from tests.simulation.second_ledger import Member, Owed, World, day_of

PLENTY = 10**9
LEFT = {kind: left for ledger in LEDGERS for kind, left in ledger.left.items()}


def scenes(
    world: World, member: Member, command: Command, outcome: Outcome, now: datetime, happened: Happened
) -> Iterator[Scene]:
    """One scene, or several where an operator published at that moment, or a version's day had come and a draw put it in force.

    A command that comes too late for the table of its own instant (a draw) takes effect now, in whichever round it then meets; a
    closed account is told so before.
    """
    is_late = EXPECTED[type(command)].is_late
    worlds = [world] if happened.before is None else [world, happened.before]
    posted_at = max(now, member.posted_at)
    today = day_of(posted_at)
    at = min(command.at, now)
    for rules in worlds:
        for rounds in worlds:
            if member.status != "open" or not is_late(command, rules.version_at(at), rounds):
                yield Scene(
                    at, day_of(at), today, posted_at, rules.version_at(at), rounds.rounds, _left(outcome)
                )
                continue
            for later in worlds:
                if not is_late(command, rules.version_at(now), later):
                    yield Scene(
                        now,
                        day_of(now),
                        today,
                        posted_at,
                        rules.version_at(now),
                        later.rounds,
                        _left(outcome),
                    )


def owed_command(member: Member, key: str, owed: Owed) -> Command:
    """The command that was left to be run."""
    return owed.kind(member_id=member.member_id, request_key=key, at=owed.at, actor="engine", **owed.fields)


def _left(outcome: Outcome) -> Callable[[str], int]:
    """What must have been left of an item for this outcome; whether it was is asked of all who came together."""
    left = LEFT.get(type(outcome))
    return (lambda _: PLENTY) if left is None else lambda item: left(outcome, item)
