"""中奖记录: the member's draws, each with the values needed to recompute it."""

from typing import Any

from emulator.phone.clients.http_call import Json
from emulator.phone.clients.member_api import MemberApi
from emulator.phone.elements.formats import moment_text
from emulator.phone.elements.tags import box, button, on_press, text
from emulator.phone.mini.growing_list import GrowingList
from emulator.phone.mini.screen import Mini, Page


async def load(api: MemberApi, mini: Mini) -> Json:
    """The first page of draws."""
    return await api.get("/draws")


def build(mini: Mini, data: Any) -> None:
    """Draw the list."""
    GrowingList(mini, "/draws", data, lambda draw: _row(mini, draw), "还没有记录，去转一次试试手气")


def _row(mini: Mini, draw: Json) -> None:
    with box("item", "draw") as row:
        with box("item-main"):
            text(str(draw["prize"]["name"]), "item-title")
            text(moment_text(draw["created_at"]), "item-note")
        with box("item-side"):
            text("公平校验 ›", "item-note")
    on_press(row, lambda: _proof(mini, draw))


async def _proof(mini: Mini, draw: Json) -> None:
    proof = await mini.overlay.attempt(mini.api.get(f"/draws/{draw['id']}/proof"))
    if proof is None:
        return
    with mini.overlay.sheet("公平校验", "proof"):
        text("用下面的数据可以自己重算这次抽奖的结果。", "sheet-text")
        with box("facts"):
            for name, value in proof.items():
                if isinstance(value, str | int):
                    with box("fact"):
                        text(name, "fact-name")
                        text(str(value), "fact-value")
        button("关闭", "choice is-last", mini.overlay.close)


PAGE = Page("中奖记录", load, build)
