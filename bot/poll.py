"""投票: the polls with their results so far, and a vote by two numbers: 投票 1 2 is the second option of the first poll."""

from typing import Final

from bot.answers import Answer, points_left, refusal_text
from bot.chat import Chat
from bot.lists import listed
from loyalty.engine.outcomes import Outcome
from loyalty.ledger.words import number
from loyalty.polls.commands import Vote
from loyalty.polls.outcomes import AlreadyVoted, PollClosed, UnknownOption, UnknownPoll, Voted
from loyalty.polls.views import PollView, polls

NO_POLLS: Final = "现在没有投票。\n发「签到」领今天的积分，发「任务」看有哪些任务。"
HOW: Final = "请写是第几个投票、选第几项，例如「投票 1 2」。\n发「投票」看现在的投票。"


async def vote(chat: Chat) -> Answer:
    """Show the polls, or vote."""
    found = await polls(chat.resources.pool, chat.member_id, chat.live, chat.now)
    if not chat.argument:
        return Answer(polls_text(found))
    chosen = named(chat.argument, found)
    if chosen is None:
        return Answer(HOW if found else NO_POLLS)
    poll, option = chosen
    command = Vote(
        member_id=chat.member_id,
        request_key=chat.request_key,
        at=chat.at,
        poll=poll.id,
        option=option,
        sent=f"投票 {chat.argument}",
    )
    return Answer(vote_text(await chat.run(command)))


def named(argument: str, found: list[PollView]) -> tuple[PollView, str] | None:
    """The poll and the option that two numbers name; with a single poll one number names its option."""
    words = argument.replace(",", " ").replace("，", " ").replace("、", " ").split()
    numbers = [int(one) for one in words if one.isascii() and one.isdigit() and len(one) < 4]
    if len(numbers) != len(words):
        return None
    if len(numbers) == 1 and len(found) == 1:
        numbers = [1, *numbers]
    if len(numbers) != 2 or not 1 <= numbers[0] <= len(found):
        return None
    poll = found[numbers[0] - 1]
    if not 1 <= numbers[1] <= len(poll.options):
        return None
    return poll, poll.options[numbers[1] - 1].id


def polls_text(found: list[PollView]) -> str:
    """The polls one under the other, with their options and votes, as far as one message carries."""
    if not found:
        return NO_POLLS
    items = [_poll(place, one) for place, one in enumerate(found, 1)]
    can_vote = any(one.state == "open" for one in found)
    foot = "发「投票 1 2」就投第 1 个投票的第 2 项，每人一票。" if can_vote else None
    return listed("投票：", items, lambda count: f"……还有 {count} 个，在小程序里看全部。", foot=foot).text


def _poll(place: int, poll: PollView) -> str:
    points = f"，投票得 {number(poll.points)} 分" if poll.points and poll.state == "open" else ""
    state = {"open": "", "voted": "（已投）", "closed": "（已结束）"}[poll.state]
    options = [
        f"  {at}. {one.name} {number(one.votes)} 票{' ✓' if one.id == poll.mine else ''}"
        for at, one in enumerate(poll.options, 1)
    ]
    return "\n".join([f"{place}. {poll.title}{state}{points}", *options])


def vote_text(outcome: Outcome) -> str:
    """The reply to a vote."""
    match outcome:
        case Voted():
            points = (
                f"，+{number(outcome.points)} 分。{points_left(outcome.balance)}" if outcome.points else "。"
            )
            return f"投给「{outcome.name}」了{points}\n发「投票」看现在的结果。"
        case AlreadyVoted() | PollClosed() | UnknownPoll() | UnknownOption():
            return f"{outcome.sentence}\n发「投票」看现在的投票。"
    return refusal_text(outcome)
