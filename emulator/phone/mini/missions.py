"""任务: the missions that are open now, each with its steps and what it brings, and the polls."""

from collections.abc import Awaitable, Callable
from typing import Any

from emulator.phone.clients.http_call import Json, Refused
from emulator.phone.clients.member_api import MemberApi
from emulator.phone.elements import icons
from emulator.phone.elements.formats import number
from emulator.phone.elements.tags import box, button, drawing, text
from emulator.phone.mini.screen import Mini, Page


async def load(api: MemberApi, mini: Mini) -> tuple[list[Json], list[Json]]:
    """The missions and the polls."""
    return await api.get_all("/missions"), await api.get_all("/polls")


def build(mini: Mini, data: Any) -> None:
    """Draw a card per mission and per poll."""
    missions, polls = data
    if not missions and not polls:
        text("现在没有任务", "item-note", "empty")
    for mission in missions:
        _mission(mission)
    for poll in polls:
        _poll(mini, poll)


def _mission(mission: Json) -> None:
    done = mission["state"] == "done"
    with box("card tier" + (" is-mine" if done else ""), "mission-card"):
        drawing(icons.STAR, "tier-icon")
        with box("item-main"):
            text(str(mission["name"]) + ("（已完成）" if done else ""), "item-title")
            steps = "，".join(f"{step['name']} {step['done']}/{step['of']}" for step in mission["steps"])
            text(steps, "item-note")
            if mission["reason"] and not done:
                text(str(mission["reason"]), "item-note", "mission-reason")
            text(str(mission["rule"]), "item-note")


def _poll(mini: Mini, poll: Json) -> None:
    with box("card", "poll-card"):
        text(str(poll["title"]), "item-title")
        for option in poll["options"]:
            mine = " ✓" if option["id"] == poll["mine"] else ""
            with box("card-head"):
                text(f"{option['name']} · {number(option['votes'])} 票{mine}", "card-note")
                if poll["state"] == "open":
                    test_id = f"btn-vote-{poll['id']}-{option['id']}"
                    button("投票", "pill-button", _voter(mini, str(poll["id"]), str(option["id"])), test_id)


def _voter(mini: Mini, poll: str, option: str) -> Callable[[], Awaitable[None]]:
    async def vote() -> None:
        try:
            facts = await mini.api.post_idempotent(f"/polls/{poll}/votes", {"option": option})
        except Refused as refused:
            mini.overlay.toast(str(refused))
        else:
            mini.overlay.toast(f"已投票，+{facts['points']} 积分" if facts["points"] else "已投票")
        await mini.refresh()

    return vote


PAGE = Page("任务", load, build)
