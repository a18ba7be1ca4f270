"""数字的含义: every number with what it counts and how it is computed."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup
from nicegui import ui

from console.markup import join
from console.page import Page, Visit
from loyalty.numbers.definitions import DEFINITIONS
from operators.roles import Action


async def draw_meanings(_: Visit, __: Mapping[str, str]) -> None:
    """All definitions; a "?" beside a number leads to its line."""
    ui.html(
        '<p class="quiet">报表里的每个数字都按这里写的算。日期按计划的时区分天；后台任务每分钟汇总一次。</p>',
        sanitize=False,
    )
    ui.html(meanings(), sanitize=False).classes("listing")


def meanings() -> Markup:
    """The definitions as a table."""
    row = Markup('<tr id="{}"><td class="label">{}</td><td class="label">{}</td><td>{}</td><td>{}</td></tr>')
    rows = join(
        row.format(name, one.title, one.unit, one.meaning, one.formula) for name, one in DEFINITIONS.items()
    )
    return Markup(
        '<div class="table-wrap"><table><caption class="unseen">数字的含义</caption><thead><tr><th scope="col">数字</th>'
        '<th scope="col">单位</th><th scope="col">含义</th><th scope="col">怎么算</th></tr></thead><tbody>{}</tbody></table></div>'
    ).format(rows)


PAGES: Final = (Page("/reports/meanings", "数字的含义", "reports", Action.REPORTS, draw_meanings),)
