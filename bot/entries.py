"""明细 and 为什么: the latest movements of the member's points, and the reason of one of them."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.answers import Answer
from bot.chat import Chat
from bot.lists import listed
from bot.words import list_number
from loyalty.entries import EntryView, entries, explained
from loyalty.ledger.words import number

SHOWN = 8
MOST_BACK = 1000
NOTHING_YET = "还没有积分记录。\n发「签到」领第一笔积分吧。"


async def latest(chat: Chat) -> Answer:
    """The latest movements, newest first."""
    return Answer(entries_text(await entries(chat.member_id, limit=SHOWN), chat.live.zone))


async def why(chat: Chat) -> Answer:
    """The latest movement explained, or the one of the number that was said, counted from the latest."""
    place = list_number(chat.argument) if chat.argument else 1
    found = await explained(chat.member_id, place) if place and place <= MOST_BACK else None
    return Answer(why_text(found, place, chat.live.zone))


def why_text(found: EntryView | None, place: int | None, zone: ZoneInfo) -> str:
    """The line as in 明细, its reason in one sentence, and the rules it goes by."""
    if found is None:
        return (
            "没有这一笔。\n发「明细」看最近的每一笔，发「为什么 2」问倒数第二笔。"
            if place != 1
            else NOTHING_YET
        )
    more = f"\n发「为什么 {(place or 1) + 1}」看再前一笔。" if found.id > 1 else ""
    return f"{_line(found, zone)}\n{found.reason}\n依据第 {found.rule_version} 版规则。{more}"


def entries_text(rows: Sequence[EntryView], zone: ZoneInfo) -> str:
    """One line per movement, with the balance after it."""
    if not rows:
        return NOTHING_YET
    return listed(
        f"最近 {len(rows)} 笔：",
        [_line(row, zone) for row in rows],
        lambda count: f"……更早的还有 {number(count)} 笔，在小程序的「积分明细」里看。",
        beyond=rows[-1].id - 1,  # entries are numbered from 1 without a gap
    ).text


def _line(row: EntryView, zone: ZoneInfo) -> str:
    at = row.created_at.astimezone(zone)
    sign = "+" if row.delta > 0 else ""
    moved = f"{sign}{number(row.delta)}，余 {number(row.balance_after)}"
    return f"{at.month}月{at.day}日 {at:%H:%M} {row.title} {moved}"
