"""商城: what was redeemed, and what is left."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup, escape
from nicegui import ui

from console.facts import draw_notice
from console.listing import Column, Filter, Listing, draw_listing
from console.listings.vouchers import VOUCHER_STATES, voucher_listing
from console.live_rules import rules_now, store_names
from console.markup import Tone, badge, link, points, quiet
from console.page import Page, Visit
from console.pages.rules import draw_draft_bar
from loyalty.games.rule import prize_pool
from loyalty.ledger.words import odds_text
from loyalty.numbers.odds import Line, OddsTable, odds_tables
from loyalty.programme.rules import RuleSet
from loyalty.rewards.rule import reward_pool
from loyalty.vouchers.counter import code_meant
from operators.roles import Action
from operators.rules.drafts import RuleDraft, rule_draft
from operators.views.stock import StockLine, list_stock
from operators.views.vouchers import list_vouchers

LOW: Final = 10
"""A tenth of the pieces is little."""


async def draw_redemptions(visit: Visit, query: Mapping[str, str]) -> None:
    """All vouchers, newest first."""
    rules = await rules_now(visit)
    stores = store_names(rules)
    filters = (
        Filter("code", "券码"),
        Filter("state", "状态", {code: words for code, (words, _) in VOUCHER_STATES.items()}),
        Filter("item", "奖品", _items(rules)),
        Filter("store", "核销门店", stores),
    )
    given = {name: query.get(name, "")[:64] for name in ("code", "state", "item", "store")}
    is_unused = given["state"] in ("issued", "expired")
    found = await list_vouchers(
        visit.pool, after=query.get("after", ""), code=await code_meant(visit.pool, given["code"]), item=given["item"],
        store=given["store"], state="issued" if is_unused else given["state"],
        usable_on=visit.today if given["state"] == "issued" else None,
        lapsed_by=visit.today if given["state"] == "expired" else None,
    )  # fmt: skip
    listing = voucher_listing(visit, "/mall/redemptions", {}, stores, filters=filters)
    draw_listing(listing, found.rows, query, found.after)


def _items(rules: RuleSet | None) -> dict[str, str]:
    """The names of the rewards and prizes of the rules in force, by what vouchers store of them."""
    if rules is None:
        return {}
    prizes = {
        prize_pool(wheel.id, prize.id): f"{wheel.name} · {prize.name}"
        for wheel in rules.wheels
        for prize in wheel.prizes
        if prize.kind == "voucher"
    }
    return {reward_pool(one.id): one.name for one in rules.rewards} | prizes


async def draw_stock(visit: Visit, query: Mapping[str, str]) -> None:
    """The pieces of each reward and prize, and where their number is set."""
    rules = await rules_now(visit)
    if rules is None:
        ui.html(
            '<p class="empty">还没有规则，也就没有礼品。<a href="/rules/files">选一个行业模板开始</a></p>',
            sanitize=False,
        )
        return
    draft = await rule_draft(visit.pool)
    add = Markup('<p><a class="button" href="/rules/edit/rewards/new">添加礼品</a></p>')
    ui.html(
        Markup(
            '<p class="quiet">库存写在规则里：改的是总数，已经领走的不变；存进草稿，看过以后发布就生效。</p>{}'
        ).format(add if visit.may(Action.DRAFT_RULES) else ""),
        sanitize=False,
    )
    draw_draft_bar(draft)
    listing = Listing[StockLine](
        path="/mall/stock",
        caption="库存",
        columns=(
            Column("奖品", lambda line: line.name),
            Column("在哪里", lambda line: "商城礼品" if line.section == "rewards" else "游戏奖品"),
            Column("总数", lambda line: "不限" if line.stocked is None else points(line.stocked), "number"),
            Column("已领走", lambda line: "–" if line.stocked is None else points(line.taken), "number"),
            Column("还剩", _left, "number"),
            Column("改总数", lambda line: _way(visit, draft, line)),
        ),
        empty="规则里还没有礼品和限量的奖品。在「规则 · 礼品」里添加。",
    )
    draw_listing(listing, await list_stock(visit.pool, rules), query, None)


def _left(line: StockLine) -> object:
    if line.left is None:
        return "不限"
    if line.left <= 0:
        return badge("没有了", "bad")
    return badge(points(line.left), "warn") if line.left * LOW <= (line.stocked or 0) else points(line.left)


def _way(visit: Visit, draft: RuleDraft, line: StockLine) -> object:
    return rule_link(draft, line.section, line.of) if visit.may(Action.STOCK) else "–"


def rule_link(draft: RuleDraft, section: str, name: str) -> object:
    """A link to the item of that id in the draft; a sentence where the draft has left it out."""
    for place, item in enumerate(draft.value(section) or []):
        if isinstance(item, dict) and item.get("id") == name:
            return link("在规则里改", f"/rules/edit/{section}/{place}")
    return quiet("草稿里已经去掉")


async def draw_odds(visit: Visit, query: Mapping[str, str]) -> None:
    """The published odds of each prize against what was drawn, by table of odds."""
    rules = await rules_now(visit)
    if rules is None or not rules.wheels:
        ui.html(
            '<p class="empty">规则里还没有游戏。<a href="/rules/edit/wheels">去添加一个转盘</a></p>',
            sanitize=False,
        )
        return
    draft, tables = await rule_draft(visit.pool), await odds_tables(visit.pool, rules)
    for table in tables:
        if table.is_suspect:
            draw_notice(
                f"「{table.name}」{'' if table.is_live else '以前的概率表'}抽了 {table.draws:,} 次，{table.sentence}："
                "请看对账结果，并请技术人员核对抽奖记录。会员在概率公示页上看到的也是这样。",
                bad=True,
            )
    listing = Listing[tuple[OddsTable, Line]](
        path="/games/odds",
        caption="公布的概率和实际抽中的次数",
        columns=(
            Column("游戏", lambda row: row[0].name),
            Column("奖品", lambda row: row[1].name),
            Column("公布的概率", lambda row: odds_text(row[1].published_ppm), "number"),
            Column("应中约", lambda row: f"{row[1].expected:,.1f}", "number"),
            Column("实际中", lambda row: points(row[1].drawn), "number"),
            Column("一共抽了", lambda row: points(row[0].draws), "number"),
            Column("结果", lambda row: badge(row[0].sentence, _tone(row[0]))),
            Column("概率表", lambda row: _where(draft, row[0])),
        ),
        empty="还没有奖品。",
    )
    draw_listing(listing, [(table, line) for table in tables for line in table.lines], query, None)
    ui.html(
        '<p class="quiet">按抽到的算，抽到时已经没货、换成别的奖品的也算抽到的那一项；比现在晚半分钟。'
        "每抽一次都比对，一直比对下去，公平的抽奖被误报的机会不超过百万分之一。"
        "会员不用登录就能在服务器的 /fair 看到同样的数字。</p>",
        sanitize=False,
    )


def _tone(table: OddsTable) -> Tone:
    return "bad" if table.is_suspect else "good" if table.draws else "quiet"


def _where(draft: RuleDraft, table: OddsTable) -> Markup:
    return escape(rule_link(draft, "wheels", table.wheel) if table.is_live else quiet("以前的"))


PAGES: Final = (
    Page("/games/odds", "概率", "games", Action.LOOK_RULES, draw_odds),
    Page("/mall/redemptions", "兑换记录", "mall", Action.LOOK_MEMBERS, draw_redemptions),
    Page("/mall/stock", "库存", "mall", Action.LOOK_RULES, draw_stock),
)
