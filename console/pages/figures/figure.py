"""A table of numbers with the words around it, and what the pages of numbers have in common."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple, TypeVar

from markupsafe import Markup
from nicegui import ui

from console.facts import draw_notice
from console.kept import KEEP
from console.live_rules import rules_now
from console.markup import address
from console.page import Draw, Visit
from console.sheets import NO_LINKS, Links, draw_sheet
from console.spans import shortcuts, span_fields, span_of
from loyalty.numbers.sheets import Sheet
from loyalty.numbers.snapshots import Snapshot, snapshot_now, snapshot_of
from loyalty.programme.rules import RuleSet
from operators.roles import Action

T = TypeVar("T")

NO_RULES: Final = (
    '<p class="empty">还没有规则，也就没有数字。<a href="/rules/files">选一个行业模板开始</a></p>'
)
SLOW: Final = Markup(
    '会员很多，数字还在统计，一两分钟后<a href="">刷新</a>就能看到。统计在后台继续，这一页可以先关掉。'
)
SLOW_FILE: Final = "会员很多，数字还在统计，请一两分钟后再导出。"
TOO_SLOW: Final = "数据库现在太忙，没有在 20 秒内算完。请过几分钟再刷新，或者改天空闲时看。"
NOTHING: Final = "还没有数字。后台任务每分钟汇总一次；刚开始用的话，请稍等几分钟再刷新。"


class StillReading(Exception):
    """The numbers take longer than somebody wants to look at an empty page; reading goes on."""


class Asked(NamedTuple):
    """What a page of numbers reads with: the visit, the rules in force, a span of days, and what stands in the address."""

    visit: Visit
    rules: RuleSet
    first: date
    last: date
    query: Mapping[str, str]

    async def kept(self, name: str, read: Callable[[], Awaitable[T]]) -> T:
        """What `read` returns for these rules today, or returned not long ago. Raises StillReading."""
        key = (name, self.visit.today, hash(self.rules.model_dump_json()))
        found = await KEEP.get(key, read)
        if found is None:
            raise StillReading
        return found.value

    async def snapshot(self, name: str) -> Snapshot:
        """A page of all members as the night computed it; before the first night, as of now. Raises StillReading."""
        pool, day, now = self.visit.pool, self.visit.today, self.visit.desk.now()
        if found := await snapshot_of(pool, name):
            return found
        return await self.kept(name, lambda: snapshot_now(pool, name, day, self.rules, now))


@dataclass(frozen=True)
class Figure:
    """A table of a page. `name` stands in the address of its file; `empty` says what to do when it has no rows."""

    name: str
    title: str
    read: Callable[[Asked], Awaitable[Sheet]]
    empty: str = NOTHING
    action: Action = Action.REPORTS

    def file(self, asked: Asked) -> str:
        """The address of the Excel file."""
        given = {**asked.query, "first": asked.first, "last": asked.last}
        return address(f"/reports/files/{self.name}", **given)


async def asked_by(visit: Visit, query: Mapping[str, str]) -> Asked | None:
    """What the address asks for; None before any rules were published."""
    rules = await rules_now(visit)
    return None if rules is None else Asked(visit, rules, *span_of(query, visit.today), query)


def figure_page(draw: Callable[[Asked], Awaitable[None]]) -> Draw:
    """A page that draws numbers, and says so when there are no rules yet or when the numbers take long."""

    async def shown(visit: Visit, query: Mapping[str, str]) -> None:
        asked = await asked_by(visit, query)
        if asked is None:
            ui.html(NO_RULES, sanitize=False)
            return
        try:
            await draw(asked)
        except StillReading:
            draw_notice(SLOW)
        except TimeoutError:
            draw_notice(TOO_SLOW, bad=True)

    return shown


async def draw_figure(asked: Asked, figure: Figure, links: Links = NO_LINKS, title: object = "") -> None:
    """The heading with the way to the Excel file, and the table."""
    sheet = await figure.read(asked)
    draw_head(asked, figure, title, has_file=bool(sheet.rows))
    draw_sheet(sheet, figure.title, figure.empty, links)


def draw_head(asked: Asked, figure: Figure, title: object = "", *, has_file: bool = True) -> None:
    """The heading of a table: other words than its title where given, and the way to the Excel file if it has rows."""
    head = Markup('<div class="head"><h2>{}</h2>{}</div>')
    file = Markup('<a class="button plain" href="{}" download>导出 Excel</a>').format(figure.file(asked))
    shown = file if has_file and asked.visit.may(Action.EXPORT) else ""
    ui.html(head.format(title or figure.title, shown), sanitize=False)


def draw_until(snapshot: Snapshot) -> None:
    """Up to which day the numbers are."""
    ui.html(
        Markup('<p class="quiet">截至 {}。按会员统计的数字每天夜里算一次。</p>').format(snapshot.day),
        sanitize=False,
    )


def draw_span(asked: Asked, path: str, fields: Markup = Markup("")) -> None:  # noqa: B008  # a constant
    """The form of the days, with other fields behind them."""
    form = Markup(
        '<form class="filters" method="get" action="{}">{}{}<button class="button" type="submit">查看</button>{}</form>'
    )
    others = {name: value for name, value in asked.query.items() if name not in ("first", "last")}
    quick = shortcuts(path, asked.visit.today, **others)
    ui.html(form.format(path, span_fields(asked.first, asked.last), fields, quick), sanitize=False)
