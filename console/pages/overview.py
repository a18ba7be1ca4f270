"""总览: today so far against last week, what waits for somebody, and what stands out."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from markupsafe import Markup
from nicegui import ui

from channels.faults import open_faults
from console.charts import draw_lines, meaning
from console.facts import draw_cards, draw_heading, draw_notice
from console.live_rules import rules_now
from console.markup import address, link, points, yuan
from console.page import Page, Visit
from loyalty.numbers.alerts import alerts
from loyalty.numbers.definitions import DEFINITIONS
from loyalty.numbers.overview import SoFar, overview
from loyalty.numbers.reports import by_dimension
from operators.roles import Action
from operators.views.notices import counts_since

SHOWN: Final = ("issued", "used", "expired", "verified", "joined", "orders", "sold")
DRAWN: Final = ("issued", "used", "expired")
BY_STORE: Final = ("orders", "sold")
WEEK: Final = timedelta(days=7)
MONTH: Final = timedelta(days=30)


async def draw_overview(visit: Visit, query: Mapping[str, str]) -> None:
    """Figures of today and of the last thirty days, and what is wrong."""
    await draw_faulty(visit)
    await _draw_failed(visit)
    if not visit.may(Action.REPORTS):
        draw_notice("您的角色不看报表。左边是您能用的页面。")
        return
    for alert in await alerts(visit.pool, visit.today - WEEK, visit.today):
        draw_notice(Markup('{} <a href="/reports/alerts">看全部异常</a>').format(alert.sentence))
    found = await overview(visit.pool, visit.desk.now(), visit.zone)
    draw_heading(f"今天到 {found.until} 为止，和上周同一天的同一时刻比")
    draw_cards(
        [_active(found.today, found.before), *(_card(name, found.today, found.before) for name in SHOWN)]
    )
    await _draw_month(visit)


async def draw_faulty(visit: Visit) -> None:
    """A line for whoever can mend it when notices wait for a fault of the set-up at WeChat."""
    if visit.may(Action.NOTICES) and (faults := await open_faults(visit.pool)):
        told = Markup('微信那边有 {} 处设置出错，有消息在等它修好。<a href="/messages/faults">去看看</a>')
        draw_notice(told.format(len(faults)), bad=True)


async def _draw_failed(visit: Visit) -> None:
    """A line for whoever can send them again when notices of the last days have failed."""
    if not visit.may(Action.NOTICES):
        return
    if failed := (await counts_since(visit.pool, visit.desk.now() - WEEK)).get("failed"):
        told = Markup('最近 7 天有 {} 条消息发送失败。<a href="/messages?state=failed">去看看</a>')
        draw_notice(told.format(points(failed)))


def _card(name: str, today: SoFar, before: SoFar) -> tuple[object, object, object]:
    now, then = today.totals[name], before.totals[name]
    show = yuan if DEFINITIONS[name].unit == "元" else points
    return (
        meaning(name),
        link(show(now), rows_behind(name, today.day)),
        f"上周 {show(then)}{_change(now, then)}",
    )


def _active(today: SoFar, before: SoFar) -> tuple[object, object, object]:
    when = address("/reports/habits", first=today.day, last=today.day)
    told = f"上周 {points(before.active)}{_change(today.active, before.active)}"
    return meaning("came"), link(points(today.active), when), told


def rows_behind(name: str, day: date) -> str:
    """The address of what a number of a day is the sum of."""
    if name == "joined":
        return "/members"
    if name == "verified":
        return "/mall/redemptions?state=used"
    return address("/reports", first=day, last=day, by="store" if name in BY_STORE else "rule")


def _change(now: int, then: int) -> str:
    return f"，{(now - then) / then:+.0%}" if then else ""


async def _draw_month(visit: Visit) -> None:
    rules = await rules_now(visit)
    if rules is None:
        ui.html(
            '<p class="empty">还没有规则。<a href="/rules/files">选一个行业模板开始</a></p>', sanitize=False
        )
        return
    first = visit.today - MONTH
    report = await by_dimension(visit.pool, first, visit.today, "day", rules)
    by_day = {line.part: line.totals for line in report.lines}
    days = [str(first + timedelta(days=number)) for number in range(MONTH.days + 1)]
    draw_heading(Markup('最近三十天 <a class="more" href="/reports">看每天的数字</a>'))
    series = [[by_day[day][name] if day in by_day else 0 for day in days] for name in DRAWN]
    with ui.element("div").classes("panel"):
        draw_lines(DRAWN, days, series)


PAGES: Final = (Page("/", "总览", "overview", Action.LOG_OWN, draw_overview),)
