"""补签: what can be mended and at what price, and mending a day by its date."""

import re
from datetime import date, timedelta
from typing import Final

from bot.answers import Answer, not_enough_text, points_left, refusal_text
from bot.chat import Chat
from loyalty.checkin.outcomes import AlreadyCheckedIn
from loyalty.checkin.repair.commands import SUBJECT, RepairCheckIn
from loyalty.checkin.repair.outcomes import (
    CheckInRepaired,
    NoRepairCard,
    NotRepairable,
    RepairLimitReached,
    RepairsOff,
)
from loyalty.checkin.repair.rule import MOST_DAYS_BACK, RepairRule
from loyalty.checkin.repair.views import RepairDay, RepairOffer, repair_offer
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.ledger.words import day_text, number
from loyalty.shown.outcomes import PriceChanged

NO_REPAIRS = "现在没有补签活动。\n发「签到」领今天的积分。"
_AGO: Final = {"昨天": 1, "前天": 2}
_DATED: Final = re.compile(r"(?:([0-9]{4})[-/年])?(?:([0-9]{1,2})[-/月])?([0-9]{1,2})[日号]?")


async def repair(chat: Chat) -> Answer:
    """Show what can be mended, or mend the day that was named."""
    if not chat.argument:
        return await _offer(chat)
    day = day_named(chat.argument, chat.live.day(chat.at))
    if day is None:
        return Answer(unknown_day_text(chat.live.rules.repair))
    command = RepairCheckIn(
        member_id=chat.member_id,
        request_key=chat.request_key,
        at=chat.at,
        day=day,
        as_shown=True,
    )
    outcome = await chat.run(command)
    await _note_price(chat, outcome)
    return Answer(repair_text(outcome))


async def _note_price(chat: Chat, refusal: Outcome) -> None:
    """Remember the price that the reply to a refusal tells, so that the member's next word agrees to it."""
    match refusal:
        case PriceChanged(price_points=price) | NotEnoughPoints(needed=price):
            await chat.note_shown({SUBJECT: str(price)})


async def _offer(chat: Chat) -> Answer:
    offer = await repair_offer(chat.resources.pool, chat.member_id, chat.live, chat.now)
    if offer is None:
        return Answer(NO_REPAIRS)
    if offer.price_points is not None:
        await chat.note_shown({SUBJECT: str(offer.price_points)})
    return Answer(offer_text(offer))


def unknown_day_text(rule: RepairRule | None) -> str:
    """The reply to an argument that names no day that could be mended under this `rule`."""
    if rule is None:
        return NO_REPAIRS
    return f"只能补最近 {rule.within_days} 天里漏签的日子，请写是几号，例如「补签 26」。\n发「补签」看哪几天可以补。"


def day_named(argument: str, today: date) -> date | None:
    """The last day before `today` that is meant by 26, 3月26日, 2026-03-26 or 昨天, if it lies within the week.

    A date means the same day for every try of one message; a place in the list would move on once a day is mended.
    """
    if argument in _AGO:
        return today - timedelta(days=_AGO[argument])
    if not (dated := _DATED.fullmatch(argument)):
        return None
    year, month, number_in_month = (int(part) if part else None for part in dated.groups())
    days = (today - timedelta(days=ago) for ago in range(1, MOST_DAYS_BACK + 1))
    meant = (day for day in days if day.day == number_in_month and month in {None, day.month})
    return next((day for day in meant if year in {None, day.year}), None)


def offer_text(offer: RepairOffer) -> str:
    """The days that can be mended, what each brings, and the price."""
    if not offer.repairs_left:
        return f"本月的 {number(offer.per_month)} 次补签用完了，下个月再来。"
    if not offer.days:
        return "最近没有漏签的日子，不用补签。\n每天发「签到」，连续签到有奖励。"
    first = offer.days[0].day.day
    return "\n".join(
        ["可以补签：", *map(_day, offer.days), _price(offer), f"发「补签 {first}」就补 {first} 号的。"]
    )


def _day(offered: RepairDay) -> str:
    return f"{offered.day.month}月{offered.day.day}日  得 {number(offered.points)} 分，算连续第 {number(offered.streak)} 天"


def _price(offer: RepairOffer) -> str:
    left = f"本月还能补 {number(offer.repairs_left)} 次"
    if offer.cards:
        return f"你有 {number(offer.cards)} 张补签卡，补一天用一张；{left}。"
    if offer.price_points is None:
        return f"补一天用一张补签卡，你现在没有；{left}。"
    return f"补一天用 {number(offer.price_points)} 分；{left}。"


def repair_text(outcome: Outcome) -> str:
    """The sentence that answers a repair."""
    match outcome:
        case CheckInRepaired():
            paid = (
                f"用了 {number(outcome.price_points)} 分"
                if outcome.price_points
                else f"用了 1 张补签卡，还剩 {number(outcome.cards_left)} 张"
            )
            return (
                f"补签成功：{day_text(outcome.day)} +{number(outcome.points)} 分，{paid}。\n"
                f"那天是连续第 {number(outcome.streak)} 天。{points_left(outcome.balance)}"
            )
        case AlreadyCheckedIn():
            return f"{day_text(outcome.day)}已经签到过了，不用补签。"
        case NotEnoughPoints():
            return not_enough_text("补签一天", outcome)
        case PriceChanged(price_points=price):
            return f"补签现在要 {number(price)} 分，积分没有变化。\n要补签的话，请再发一次。"
        case RepairsOff():
            return NO_REPAIRS
        case NotRepairable() | RepairLimitReached() | NoRepairCard():
            return f"{outcome.sentence}\n发「补签」看哪几天可以补。"
    return refusal_text(outcome)
