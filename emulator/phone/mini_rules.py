"""活动规则: the published rules in the server's own sentences."""

from typing import Any

from emulator.phone.member_api import MemberApi
from emulator.phone.mini import Mini, Page
from emulator.phone.tags import box, text
from emulator.phone.wire import Json


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
