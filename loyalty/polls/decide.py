"""Polls: one vote per member, while the poll is open."""

from collections.abc import Mapping

from loyalty.engine.outcomes import Outcome
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.polls.commands import Vote
from loyalty.polls.outcomes import AlreadyVoted, PollClosed, UnknownOption, UnknownPoll, Voted
from loyalty.polls.rows import VOTE, VOTES, VoteRow
from loyalty.polls.rule import Poll


def decide(wallet: Wallet, command: Vote, scene: Scene[Mapping[str, Poll]]) -> Outcome:
    """Count the vote and pay for it, or say which vote counts already."""
    poll = scene.rule.get(command.poll)
    if poll is None:
        return UnknownPoll(command.poll)
    if (known := scene.recall(VOTE)) is not None:
        chosen = poll.option(known)
        return AlreadyVoted(known, chosen.name if chosen else known)
    if not poll.holds_at(scene.live.wall_time(scene.at)):
        return PollClosed()
    option = poll.option(command.option)
    if option is None:
        return UnknownOption(command.option)
    if poll.points:
        wallet.grant(poll.points, "poll", {"poll": poll.id, "title": poll.title}, scene.lapse_day)
    wallet.writes.add(VOTES, VoteRow(poll.id, option.id, poll.points))
    return Voted(poll.id, option.id, option.name, poll.points, wallet.available)
