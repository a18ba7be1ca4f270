"""系统 · 对账与健康: what the nights' audits found, and how what everything runs on is."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from markupsafe import Markup, escape
from nicegui import ui

from console.facts import draw_notice
from console.listing import Column, Listing, draw_listing
from console.markup import Tone, badge, join, moment, points
from console.page import Page, Visit
from loyalty.numbers.alerts import Reconciled, reconciliations
from operators.roles import Action
from operators.views.health import Sign, State, signs

NIGHTS: Final = timedelta(days=30)
LATE: Final = timedelta(days=2)
WORDS: Final[Mapping[State, tuple[str, Tone]]] = {
    "good": ("正常", "good"),
    "warn": ("留意", "warn"),
    "bad": ("要处理", "bad"),
}


async def draw_audits(visit: Visit, query: Mapping[str, str]) -> None:
    """The results of the last nights, newest first."""
    nights = await reconciliations(visit.pool, visit.today - NIGHTS, visit.today)
    ui.html(
        '<p class="quiet">每天夜里三点到六点，后台任务把账本从头核对一遍：余额和流水、批次、库存、每一次判定、每日数字，'
        "一分也不能差。</p>",
        sanitize=False,
    )
    _draw_verdict(visit, nights)
    listing = Listing[Reconciled](
        path="/system/audit",
        caption="对账",
        columns=(
            Column("日期", lambda row: row.day),
            Column(
                "结果", lambda row: badge("有差异", "bad") if row.differences else badge("一分不差", "good")
            ),
            Column("差异", lambda row: points(row.differences), "number"),
            Column("详情", lambda row: join(map(escape, row.detail.splitlines()), "<br>") or "–"),
            Column("对完", lambda row: moment(row.noted_at, visit.zone)),
        ),
        empty="还没有对过账。后台任务在夜里三点到六点自动对；马上要对，可以在服务器上运行 jifen audit。",
    )
    draw_listing(listing, nights, query, None)


def _draw_verdict(visit: Visit, nights: list[Reconciled]) -> None:
    if nights and nights[0].differences:
        draw_notice(
            "最近一次对账有差异。请先不要手工改数据库，把下面的详情交给技术人员；会员的记录都在，能查出原因。",
            bad=True,
        )
    elif nights and visit.desk.now() - nights[0].noted_at > LATE:
        draw_notice(
            "已经两天没有对过账：请看后台任务夜里是否在运行，日志里有没有 audit_took_too_long。", bad=True
        )


async def draw_health(visit: Visit, query: Mapping[str, str]) -> None:
    """Everything that was looked at just now."""
    found = await signs(visit.resources, visit.desk.now())
    wrong = sum(one.state == "bad" for one in found)
    if wrong:
        draw_notice(f"有 {wrong} 处要处理。", bad=True)
    listing = Listing[Sign](
        path="/system/health",
        caption="健康",
        columns=(
            Column("看什么", lambda row: row.name),
            Column("状态", lambda row: badge(*WORDS[row.state])),
            Column("怎么样，要做什么", lambda row: row.told),
        ),
        empty="",
    )
    draw_listing(listing, sorted(found, key=lambda one: ("bad", "warn", "good").index(one.state)), {}, None)
    ui.html(Markup('<p class="quiet">刷新页面就再看一遍。</p>'), sanitize=False)


PAGES: Final = (
    Page("/system/audit", "对账", "system", Action.AUDIT, draw_audits),
    Page("/system/health", "健康", "system", Action.SYSTEM, draw_health),
)
