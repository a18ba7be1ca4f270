"""One message of a member, with all a handler needs to answer it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, TypeAlias

from bot.answers import Answer
from channels import identity
from channels.identity import Visitor
from loyalty.engine.command import Command
from loyalty.engine.outcomes import Decision, Outcome
from loyalty.members.enrolment import act_first
from loyalty.overview import Overview
from loyalty.programme.in_force.live import LiveRules, in_force
from loyalty.shown.rows import note_shown
from loyalty.welcome import Welcomed
from runtime.resources import Resources
from wechat.messages import Push


class Chat(NamedTuple):
    """One message of a member: the sender, the text, the instant and the rules in force.

    `at` is the instant the message takes effect; `now` is when it arrived. `argument` is what followed the word. `gift_points`
    are the newcomer's gift, where this message is their first act and brings it.
    """

    resources: Resources
    push: Push
    visitor: Visitor
    live: LiveRules
    at: datetime
    now: datetime
    argument: str
    gift_points: int = 0

    @property
    def member_id(self) -> int:
        """The member who speaks."""
        return self.visitor.member_id

    @property
    def request_key(self) -> str:
        """The same for every WeChat retry of one message, so that the engine carries it out once."""
        return f"oa:{self.push.message_key}"

    async def overview(self) -> Overview:
        """The member at a glance."""
        return await self.resources.directory.overview(self.member_id, self.now)

    async def decide(self, command: Command) -> Decision:
        """The engine's decision, made now or when the same message was handled before. Raises EngineUnavailable."""
        return await self.resources.engine.run(command)

    async def run(self, command: Command) -> Outcome:
        """The outcome of `decide`, for handlers that do not show its consequences."""
        return (await self.decide(command)).outcome

    async def note_shown(self, seen: Mapping[str, str]) -> None:
        """Remember the prices or odds, by subject, that the answer of now tells. Raises what the database raises."""
        await note_shown(self.resources.pool, self.member_id, seen, self.now)


MAX_DELAY: Final = timedelta(days=3)
"""How long after it was written a push may arrive and still take effect on its own day."""

Handler: TypeAlias = Callable[[Chat], Awaitable[Answer]]


async def open_chat(
    resources: Resources, push: Push, argument: str, now: datetime, *, returning: bool = False
) -> Chat:
    """The chat of a message; an unknown sender is enrolled. `returning`: they have just followed again.

    Raises NoRulesPublished, EngineUnavailable, or what the database raises.
    """
    account = resources.official_account
    arrival = await resources.directory.arrival(account.app_id, push.openid, now)
    live = in_force(arrival.live)
    only_followed = push.kind == "event" and push.event != "click"
    visitor = await identity.follower(
        resources.engine,
        resources.unionids,
        account,
        push.openid,
        arrival,
        now,
        returning=returning,
        silent=only_followed and live.rules.welcome.at == "first_act",
    )
    if visitor.created:
        await identity.set_following(resources.pool, visitor.member_id, True, written_at(push))
    gift = 0
    may_be_silent = arrival.silent or (
        arrival.member_id is None and not visitor.created
    )  # the follow was faster
    if may_be_silent and not only_followed:
        came = await act_first(resources.engine, resources.pool, visitor.member_id, now)
        gift = sum(one.points for one in came if isinstance(one, Welcomed))
    return Chat(resources, push, visitor, live, effective_at(push, live, now), now, argument, gift)


def written_at(push: Push) -> datetime:
    """The time WeChat stamped on a push, aware, in whole seconds."""
    return datetime.fromtimestamp(push.created_at, UTC)


def effective_at(push: Push, live: LiveRules, now: datetime) -> datetime:
    """The instant a message takes effect: now, or when it was written if that was on an earlier business day.

    A push that claims to be older than `MAX_DELAY` was stamped by a wrong clock, so it takes effect now.
    """
    written = written_at(push)
    is_delayed = now - written <= MAX_DELAY and live.day(written) < live.day(now)
    return written if is_delayed else now
