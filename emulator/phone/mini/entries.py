"""积分明细: all entries of the member's account, newest first."""

from typing import Any

from emulator.phone.clients.http_call import Json
from emulator.phone.clients.member_api import MemberApi
from emulator.phone.elements.formats import last_day_text, moment_text, number
from emulator.phone.elements.tags import box, text
from emulator.phone.mini.growing_list import GrowingList
from emulator.phone.mini.screen import Mini, Page


async def load(api: MemberApi, mini: Mini) -> Json:
    """The first page of entries."""
    return await api.get("/me/entries")


def build(mini: Mini, data: Any) -> None:
    """Draw the list."""
    GrowingList(mini, "/me/entries", data, _row, "还没有记录，去签到领第一笔积分吧")


def _row(entry: Json) -> None:
    delta = int(entry["delta"])
    with box("item", "entry"):
        with box("item-main"):
            text(str(entry["title"]), "item-title")
            notes = [moment_text(entry["created_at"])]
            if entry.get("expires_on"):
                notes.append(f"可用至 {last_day_text(entry['expires_on'])}")
            text(" · ".join(notes), "item-note")
            if entry.get("reason"):
                text(str(entry["reason"]), "item-note")
        with box("item-side"):
            text(f"{delta:+,}", "item-delta " + ("is-plus" if delta > 0 else "is-minus"))
            text(f"余额 {number(entry['balance_after'])}", "item-note")


PAGE = Page("积分明细", load, build)
