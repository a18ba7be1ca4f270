"""One message of a member, with all a handler needs to answer it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, TypeAlias

from bot.answers import Answer
from channels import identity
from channels.identity import Visitor
from loyalty.engine.command import Command
from loyalty.engine.outcomes import Decision, Outcome
from loyalty.overview import Overview
from loyalty.programme.live import LiveRules, in_force
from runtime.resources import Resources
from wechat.messages import Push


class Chat(NamedTuple):
    """Who said what, when, under which rules.

    `at` is the instant the message speaks of; `now` when it came to us. `argument` is what followed the word.
    """

    resources: Resources
    push: Push
    visitor: Visitor
    live: LiveRules
    at: datetime
    now: datetime
    argument: str

    @property
    def member_id(self) -> int:
        """The member who speaks."""
        return self.visitor.member_id

    @property
    def request_key(self) -> str:
        """The same for every try of one message, so that it is carried out once."""
        return f"oa:{self.push.message_key}"

    async def overview(self) -> Overview:
        """The member at a glance."""
        return await self.resources.directory.overview(self.member_id, self.now)

    async def decide(self, command: Command) -> Decision:
        """What the engine decided, now or when the same message came before. Raises EngineUnavailable."""
        return await self.resources.engine.run(command)

    async def run(self, command: Command) -> Outcome:
        """The outcome of `decide`, where consequences are of no interest."""
        return (await self.decide(command)).outcome


LATEST: Final = timedelta(days=3)
"""How late a push may come and still count for its own day."""

Handler: TypeAlias = Callable[[Chat], Awaitable[Answer]]


async def open_chat(
    resources: Resources, push: Push, argument: str, now: datetime, *, returning: bool = False
) -> Chat:
    """The chat a message belongs to; a stranger becomes a member. `returning`: they have just followed anew.

    Raises NoRulesPublished, EngineUnavailable, or what the database raises.
    """
    account = resources.official_account
    known, rules = await resources.directory.arrival(account.app_id, push.openid, now)
    live = in_force(rules)
    visitor = await identity.follower(resources.engine, account, push.openid, known, now, returning=returning)
    if visitor.created:
        await identity.set_following(resources.pool, visitor.member_id, True, written_at(push))
    return Chat(resources, push, visitor, live, spoken_at(push, live, now), now, argument)


def written_at(push: Push) -> datetime:
    """WeChat's own time of a push, in whole seconds, aware."""
    return datetime.fromtimestamp(push.created_at, UTC)


def spoken_at(push: Push, live: LiveRules, now: datetime) -> datetime:
    """The instant a message speaks of: now, unless it was written on an earlier business day and only now got here.

    What claims to be older than `LATEST` was stamped by a wrong clock and speaks of now.
    """
    written = written_at(push)
    is_late = now - written <= LATEST and live.day(written) < live.day(now)
    return written if is_late else now
