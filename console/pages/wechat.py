"""系统 · 微信接入检查: walks through what a real account needs at mp.weixin.qq.com, and what is missing."""

from collections.abc import Mapping
from typing import Final

from nicegui import ui

from console.facts import draw_heading, draw_notice
from console.listing import Column, Listing, draw_listing
from console.markup import Tone, badge, points, quiet
from console.page import Page, Visit
from operators.roles import Action
from operators.wechat.check import check
from operators.wechat.checked import Checked, State
from operators.wechat.quotas import QuotaLine, quotas

WORDS: Final[Mapping[State, tuple[str, Tone]]] = {
    "good": ("✓ 好了", "good"),
    "look": ("请核对", "warn"),
    "bad": ("✗ 缺", "bad"),
}


async def draw_check(visit: Visit, query: Mapping[str, str]) -> None:
    """What the check does; and once it was asked for, what it found."""
    ui.html(
        "<p>从上到下检查接一个真的公众号和小程序要设置的每一样：会问一遍微信，也会访问一遍自己的网址，"
        "什么都不会改。</p>"
        '<p><a class="button" href="/system/wechat?check=1" data-testid="check">检查一遍</a></p>',
        sanitize=False,
    )
    if query.get("check") != "1":
        return
    if visit.resources.settings.is_demo:
        draw_notice("现在是演示：问的是模拟的微信，不是真的账号。")
    found = await check(visit.resources)
    missing = sum(one.state == "bad" for one in found)
    draw_notice(
        f"还缺 {missing} 样。" if missing else "能查的都好了；「请核对」的，请对照着看一遍。",
        bad=bool(missing),
    )
    listing = Listing[Checked](
        path="/system/wechat",
        caption="检查的结果",
        columns=(
            Column("要设置的", lambda row: row.title),
            Column("结果", lambda row: badge(*WORDS[row.state])),
            Column("怎么样，在哪里设置", lambda row: row.told),
        ),
        empty="",
    )
    draw_listing(listing, found, {}, None)
    await _draw_quotas(visit)


async def _draw_quotas(visit: Visit) -> None:
    draw_heading("今天还能调用多少次")
    listing = Listing[QuotaLine](
        path="/system/wechat",
        caption="今天还能调用多少次",
        columns=(
            Column("接口", lambda row: row.title),
            Column("一天最多", lambda row: points(row.quota.per_day) if row.quota else "–", "number"),
            Column("今天还剩", lambda row: points(row.quota.left) if row.quota else "–", "number"),
            Column("", lambda row: quiet(row.told)),
        ),
        empty="",
    )
    draw_listing(listing, await quotas(visit.resources), {}, None)


PAGES: Final = (Page("/system/wechat", "微信接入检查", "system", Action.SYSTEM, draw_check),)
