"""延期: which points can be put off and at what price, and putting off those of one day."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from bot.answers import Answer, not_enough_text, points_left, refusal_text
from bot.chat import Chat
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.expiry.extension.commands import SUBJECT, ExtendPoints
from loyalty.expiry.extension.outcomes import (
    AlreadyExtended,
    ExtensionsOff,
    NothingToExtend,
    PointsExtended,
    TooEarlyToExtend,
)
from loyalty.expiry.extension.rule import ExtensionRule
from loyalty.expiry.extension.views import ExtensionOfDay, ExtensionOffer, extension_offer
from loyalty.ledger.calendar import last_day
from loyalty.ledger.words import last_day_text, number
from loyalty.shown.outcomes import PriceChanged

NO_EXTENSIONS: Final = "现在积分不能延期。\n发「积分」看哪些快到期。"
_ONE_DAY: Final = timedelta(days=1)
_DATED: Final = re.compile(r"(?:([0-9]{4})[-/年])?(?:([0-9]{1,2})[-/月])?([0-9]{1,2})[日号]?")


async def extend(chat: Chat) -> Answer:
    """Show what can be put off, or put off the points whose last day was named."""
    rule = chat.live.rules.expiry.extension
    if rule is None:
        return Answer(NO_EXTENSIONS)
    if not chat.argument:
        return await _offer(chat, rule)
    last = day_named(chat.argument, chat.live.day(chat.at), rule)
    if last is None:
        return Answer("没看懂是哪一天，请照列表写，例如「延期 11月30日」。\n发「延期」看哪些积分可以延。")
    command = ExtendPoints(
        member_id=chat.member_id,
        request_key=chat.request_key,
        at=chat.at,
        expires_on=last + _ONE_DAY,
        as_shown=True,
    )
    outcome = await chat.run(command)
    match outcome:
        case PriceChanged(price_points=price) | NotEnoughPoints(needed=price):
            await chat.note_shown({SUBJECT: str(price)})
    return Answer(extension_text(outcome))


async def _offer(chat: Chat, rule: ExtensionRule) -> Answer:
    offer = await extension_offer(chat.resources.pool, chat.member_id, chat.live, chat.now)
    if offer is None or not offer.days:
        return Answer(none_text(rule))
    await chat.note_shown({SUBJECT: str(offer.price_points)})
    return Answer(offer_text(offer))


def day_named(argument: str, today: date, rule: ExtensionRule) -> date | None:
    """The last day of use that is meant by 30, 11月30日 or 2026-11-30: the next one from `today` on, else one before it.

    A date means the same day for every try of one message; a place in the list would move on once a day is put off.
    """
    if not (dated := _DATED.fullmatch(argument)):
        return None
    year, month, number_in_month = (int(part) if part else None for part in dated.groups())
    ahead = [today + timedelta(days=days) for days in range(rule.within_days)]
    gone = [today - timedelta(days=days) for days in range(1, rule.late_days + 1)]
    meant = (day for day in (*ahead, *gone) if day.day == number_in_month and month in {None, day.month})
    return next((day for day in meant if year in {None, day.year}), None)


def none_text(rule: ExtensionRule) -> str:
    """The reply to somebody who has no points that can be put off now."""
    when = "最后一天" if rule.within_days == 1 else f"到期前 {rule.within_days} 天内"
    return f"现在没有可以延期的积分。\n积分{when}可以延期一次，发「积分」看哪些快到期。"


def offer_text(offer: ExtensionOffer) -> str:
    """The points that can be put off, until when, and the price."""
    first = last_day(offer.days[0].expires_on)
    return "\n".join(
        [
            "可以延期：",
            *map(_day, offer.days),
            f"{_price(offer)}，每一笔只能延一次。",
            f"发「延期 {first.month}月{first.day}日」就延{_day_text(first)}的。",
        ]
    )


def _day(offered: ExtensionOfDay) -> str:
    before, after = last_day(offered.expires_on), last_day_text(offered.extended_to)
    return f"{_day_text(before)}到期的 {number(offered.points)} 分，可以延到 {after}"


def _day_text(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _price(offer: ExtensionOffer) -> str:
    return f"延一笔用 {number(offer.price_points)} 分" if offer.price_points else "延期不收积分"


def extension_text(outcome: Outcome) -> str:
    """The sentence that answers an extension."""
    match outcome:
        case PointsExtended():
            return "".join(_extended(outcome))
        case NotEnoughPoints():
            return not_enough_text("延期", outcome)
        case PriceChanged(price_points=price):
            return f"延期现在要 {number(price)} 分，积分没有变化。\n要延期的话，请再发一次。"
        case ExtensionsOff():
            return NO_EXTENSIONS
        case AlreadyExtended() | TooEarlyToExtend() | NothingToExtend():
            return f"{outcome.sentence}\n发「延期」看哪些积分可以延。"
    return refusal_text(outcome)


def _extended(done: PointsExtended) -> Iterator[str]:
    yield f"延期成功：{number(done.points)} 分可以用到 {last_day_text(done.extended_to)}"
    yield f"，用了 {number(done.price_points)} 分。\n" if done.price_points else "。\n"
    yield points_left(done.balance)
