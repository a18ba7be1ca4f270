"""Polls in the second ledger: whom a member voted for."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from loyalty.engine.outcomes import Outcome
from loyalty.polls.commands import Vote
from loyalty.polls.outcomes import AlreadyVoted, PollClosed, UnknownOption, UnknownPoll, Voted
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Rows, Situation
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import SHANGHAI, Member, Sheet


@dataclass
class Votes:
    """The option and the points of each poll that the member voted in."""

    given: dict[str, tuple[str, int]] = field(default_factory=dict)


def _vote(member: Member, command: Vote, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    found = [poll for poll in scene.version.rules.polls if poll.id == command.poll]
    if not found:
        return UnknownPoll(command.poll)
    names = {one.id: one.name for one in found[0].options}
    if command.poll in member.of(Votes).given:
        option, _ = member.of(Votes).given[command.poll]
        return AlreadyVoted(option, names.get(option, option))
    local = (scene.at + SHANGHAI).replace(tzinfo=None)
    begin, end = found[0].from_, found[0].until
    if (begin is not None and local < begin) or (end is not None and local >= end):
        return PollClosed()
    if command.option not in names:
        return UnknownOption(command.option)
    points = found[0].points
    if points:
        sheet.grant(points, "poll", scene.lapse_day)
    made.learn.append(lambda one: one.of(Votes).given.update({command.poll: (command.option, points)}))
    return Voted(command.poll, command.option, names[command.option], points, sheet.spendable)


def _ask(now: Situation) -> Vote:
    poll, option = now.dice.choice(("taste", "taste", "cup", "none")), now.dice.choice(("a", "b", "b", "z"))
    return Vote(**now.common, poll=poll, option=option)


def _rows(member: Member) -> Iterable[tuple[Any, ...]]:
    return ((poll, *vote) for poll, vote in member.of(Votes).given.items())


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            Vote,
            _vote,
            fact=lambda command, _: ("poll", command.poll),
            chosen=lambda command: (command.poll, command.option),
            otherwise=lambda earlier: replace(earlier, option=f"{earlier.option}x"),
            explains_repeats=True,
        ),
    ),
    asks=(AskKind("vote", Vote, _ask, share=2),),
    rows=(Rows("votes", "SELECT member_id, poll, option, points FROM poll_vote", _rows),),
)
