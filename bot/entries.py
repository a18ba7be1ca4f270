"""明细: the latest movements of the member's points."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.answers import Answer
from bot.chat import Chat
from bot.lists import listed
from loyalty.entries import EntryView, entries
from loyalty.ledger.words import number

SHOWN = 8


async def latest(chat: Chat) -> Answer:
    """The latest movements, newest first."""
    return Answer(entries_text(await entries(chat.member_id, limit=SHOWN), chat.live.zone))


def entries_text(rows: Sequence[EntryView], zone: ZoneInfo) -> str:
    """One line per movement, with the balance after it."""
    if not rows:
        return "还没有积分记录。\n发「签到」领第一笔积分吧。"
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
