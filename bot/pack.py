"""加速包: the packs that can be taken and those that work, and taking one by its number: 加速包 1."""

from collections.abc import Iterator
from typing import Final

from bot.answers import Answer, not_enough_text, points_left, refusal_text
from bot.chat import Chat
from bot.lists import Listed, listed
from bot.words import list_number
from loyalty.earning.packs.commands import TakePack
from loyalty.earning.packs.meters import name_of
from loyalty.earning.packs.outcomes import PackInUse, PackLimitReached, PackNotForTier, PackTaken, UnknownPack
from loyalty.earning.packs.views import PackView, packs_of
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.ledger.words import last_day_text, number
from loyalty.shown.outcomes import PriceChanged
from loyalty.shown.rows import last_shown

NO_PACKS: Final = "现在没有加速包。\n发「签到」领今天的积分，发「规则」看怎么得积分。"
LIST_SUBJECT: Final = "packs"
"""The name under which `shown` keeps the ids of the packs in the list that the member last saw."""
HOW: Final = "请写是第几个，例如「加速包 1」。\n发「加速包」看有哪些。"


async def packs(chat: Chat) -> Answer:
    """Show the packs, or take the one with the given number at the price that the member was last shown."""
    found = await packs_of(chat.resources.pool, chat.member_id, chat.live, chat.now)
    if not chat.argument:
        return await _list(chat, found)
    place, listed_ids = list_number(chat.argument), await _last_listed(chat, found)
    if place is None or not 1 <= place <= len(listed_ids):
        return Answer(HOW if found else NO_PACKS)
    command = TakePack(
        member_id=chat.member_id,
        request_key=chat.request_key,
        at=chat.at,
        pack=listed_ids[place - 1],
        as_shown=True,
        sent=f"加速包 {place}",
    )
    outcome = await chat.run(command)
    match outcome:  # the price that the reply tells is the one that the next word agrees to
        case PriceChanged(price_points=price) | NotEnoughPoints(needed=price):
            await chat.note_shown({command.subject: str(price)})
    pack = chat.live.rules.packs_by_id.get(command.pack)
    return Answer(pack_text(outcome, pack.name if pack else ""))


async def _last_listed(chat: Chat, found: list[PackView]) -> list[str]:
    """The ids of the packs in the list that the member last saw, whose numbers they mean; those of now for who saw none."""
    shown = await last_shown(chat.resources.pool, chat.member_id, LIST_SUBJECT)
    return shown.split() if shown else [pack.id for pack in found]


async def _list(chat: Chat, found: list[PackView]) -> Answer:
    offer = packs_list(found)
    seen = found[: offer.shown]
    prices = {name_of(pack.id): str(pack.price_points) for pack in seen}
    await chat.note_shown(prices | {LIST_SUBJECT: " ".join(pack.id for pack in seen)})
    return Answer(offer.text)


def packs_list(found: list[PackView]) -> Listed:
    """The packs with their numbers and rules, and what those in hand may still bring, as far as one message carries."""
    if not found:
        return Listed(NO_PACKS, 0)
    items = ["\n".join(_pack(place, one)) for place, one in enumerate(found, 1)]
    foot = "发「加速包 1」就领第 1 个。" if any(one.left for one in found) else None
    return listed("加速包：", items, lambda count: f"……还有 {count} 个，在小程序里看全部。", foot=foot)


def _pack(place: int, pack: PackView) -> Iterator[str]:
    yield f"{place}. {pack.rule}"
    for hand in pack.working:
        yield f"  ✓ 正在加速：可用到 {last_day_text(hand.until)}，最多还能多得 {number(hand.points_left)} 分"
    if not pack.left and not pack.working:
        yield "  今年的已经领完了"


def pack_text(outcome: Outcome, name: str) -> str:
    """The reply to taking the pack called `name`."""
    match outcome:
        case PackTaken():
            price = f"，用了 {number(outcome.price_points)} 分" if outcome.price_points else ""
            return (
                f"领到「{outcome.name}」{price}：可用到 {last_day_text(outcome.until)}，"
                f"最多多得 {number(outcome.points)} 分。\n{points_left(outcome.balance)}"
            )
        case NotEnoughPoints():
            return not_enough_text(f"「{name}」", outcome)
        case PriceChanged():
            return (
                f"「{name}」现在要 {number(outcome.price_points)} 分，积分没有变化。\n要领的话，请再发一次。"
            )
        case UnknownPack() | PackNotForTier() | PackLimitReached() | PackInUse():
            return f"{outcome.sentence}\n发「加速包」看有哪些。"
    return refusal_text(outcome)
