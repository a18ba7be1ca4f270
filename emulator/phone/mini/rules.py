"""活动规则: the published rules, in the sentences of the server."""

from typing import Any

from emulator.phone.clients.http_call import Json
from emulator.phone.clients.member_api import MemberApi
from emulator.phone.elements.tags import box, text
from emulator.phone.mini.screen import Mini, Page


async def load(api: MemberApi, mini: Mini) -> Json:
    """The rules."""
    return await api.get("/rules")


def build(mini: Mini, data: Any) -> None:
    """Draw the sentences."""
    with box("card rules", "rules"):
        text(str(data["name"]), "card-title")
        for sentence in data["texts"]:
            text(str(sentence), "rule-text")


PAGE = Page("活动规则", load, build)
