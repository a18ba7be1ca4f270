"""总览: what waits for somebody, and the way to everything else."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup

from channels.faults import open_faults
from console.facts import draw_cards, draw_notice
from console.page import Page, Visit
from operators.roles import Action


async def draw_overview(visit: Visit, query: Mapping[str, str]) -> None:
    """Figures of now, and what is wrong."""
    if visit.may(Action.NOTICES) and (faults := await open_faults(visit.pool)):
        draw_notice(
            Markup(
                '微信那边有 {} 处设置出错，有消息在等它修好。<a href="/messages/faults">去看看</a>'
            ).format(len(faults)),
            bad=True,
        )
    draw_cards([("今天", f"{visit.today:%Y-%m-%d}", "营业日")])


PAGES: Final = (Page("/", "总览", "overview", Action.LOG_OWN, draw_overview),)
