"""签到: the daily sign-in, with the bonus of the streak and the next one in reach."""

from collections.abc import Iterable
from datetime import date

from bot.answers import Answer, points_left, refusal_text
from bot.chat import Chat
from bot.mission import finished_text
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import AlreadyCheckedIn, CheckedIn, DayPassed
from loyalty.engine.outcomes import Outcome
from loyalty.ledger.words import day_text, last_day_text, number
from loyalty.referral.outcomes import ReferralQualified, friend_gift
from loyalty.rewards.outcomes import RewardUnlocked


async def check_in(chat: Chat) -> Answer:
    """Sign in for the day the message was written on."""
    command = CheckIn(member_id=chat.member_id, request_key=chat.request_key, at=chat.at)
    decision = await chat.decide(command)
    gift = friend_gift(decision.consequences)
    text = check_in_text(decision.outcome, chat.live.day(chat.now), gift)
    return Answer(f"{text}{unlocked_text(decision.consequences)}{finished_text(decision.consequences)}")


def unlocked_text(consequences: Iterable[Outcome]) -> str:
    """The line for a reward that a full row of sign-ins has unlocked, with the line break before it; empty for none."""
    return "".join(
        f"\n连签满 {one.days} 天，送你「{one.name}」！券码 {one.voucher}，可用到 {last_day_text(one.expires_on)}。"
        for one in consequences
        if isinstance(one, RewardUnlocked)
    )


def check_in_text(outcome: Outcome, today: date, gift: ReferralQualified | None = None) -> str:
    """The reply to a sign-in, with the `gift` that the first one brings an invited member.

    A sign-in written before midnight that arrives after it counts for its own day, so the reply says that `today` is still open.
    """
    match outcome:
        case CheckedIn():
            bonus = f"（含连签奖励 {number(outcome.bonus)} 分）" if outcome.bonus else ""
            done = f"签到成功 +{number(outcome.points)} 分{bonus}"
            brought = f"受邀礼 +{number(gift.points)} 分也到账了，" if gift else ""
            balance = gift.balance if gift else outcome.balance
            late = (
                f"\n这次记在{day_text(outcome.day)}，今天的请再发一次「签到」。"
                if outcome.day < today
                else ""
            )
            return f"{done}，{_streak(outcome)}\n{brought}{points_left(balance)}{late}"
        case AlreadyCheckedIn():
            day, again = ("今天", "明天再来～")
            if outcome.day < today:
                day, again = day_text(outcome.day), "今天的请再发一次「签到」。"
            return f"{day}签过啦，{_streak(outcome)}\n{points_left(outcome.balance)}{again}"
        case DayPassed():
            return "这条签到来得太晚，那一天已经过去了。\n请再发一次「签到」。"
    return refusal_text(outcome)


def _streak(outcome: CheckedIn | AlreadyCheckedIn) -> str:
    kept = f"已连续 {number(outcome.streak)} 天"
    if outcome.next_bonus is None or outcome.next_bonus_in is None:
        return f"{kept}。"
    return f"{kept}，再连签 {outcome.next_bonus_in} 天，另送 {number(outcome.next_bonus)} 分。"
