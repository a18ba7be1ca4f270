"""商城: what was redeemed, and what is left."""

from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup
from nicegui import ui

from console.facts import draw_notice
from console.listing import Column, Filter, Listing, draw_listing
from console.listings.vouchers import VOUCHER_STATES, voucher_listing
from console.live_rules import rules_now, store_names
from console.markup import badge, link, points, quiet
from console.page import Page, Visit
from console.pages.rules import draw_draft_bar
from loyalty.games.rule import prize_pool
from loyalty.numbers.odds import Drawn, Odds, draws, odds_of
from loyalty.numbers.snapshots import snapshot_of
from loyalty.programme.rules import RuleSet
from loyalty.rewards.rule import reward_pool
from operators.drafts import RuleDraft, rule_draft
from operators.roles import Action
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
        visit.pool, after=query.get("after", ""), code=given["code"].replace("-", "").upper(), item=given["item"],
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


async def _counted(visit: Visit) -> tuple[str, Sequence[Drawn]]:
    """Until when draws are counted, in words, and how often each prize was rolled: by the last night, now before the first one."""
    if found := await snapshot_of(visit.pool, "draws"):
        return f"截至 {found.day}，每天夜里算一次。", found.content
    return "", await draws(visit.pool)


async def draw_odds(visit: Visit, query: Mapping[str, str]) -> None:
    """The published odds of each prize against what was drawn."""
    rules = await rules_now(visit)
    if rules is None or not rules.wheels:
        ui.html(
            '<p class="empty">规则里还没有游戏。<a href="/rules/edit/wheels">去添加一个转盘</a></p>',
            sanitize=False,
        )
        return
    names, draft = {wheel.id: wheel.name for wheel in rules.wheels}, await rule_draft(visit.pool)
    until, counted = await _counted(visit)
    found = odds_of(rules, counted)
    for odds in found:
        if odds.is_suspect:
            draw_notice(
                f"「{names[odds.wheel]}」的「{odds.name}」抽中的比例和公布的差得太远，单凭运气很少会这样："
                "请看对账结果，并请技术人员核对抽奖记录。",
                bad=True,
            )
    listing = Listing[Odds](
        path="/games/odds",
        caption="公布的概率和实际抽中的比例",
        columns=(
            Column("游戏", lambda odds: names[odds.wheel]),
            Column("奖品", lambda odds: odds.name),
            Column("公布的概率", lambda odds: f"{odds.published_ppm / 10_000:.4f}%", "number"),
            Column(
                "实际比例", lambda odds: f"{odds.observed_ppm / 10_000:.4f}%" if odds.draws else "–", "number"
            ),
            Column("抽中", lambda odds: points(odds.drawn), "number"),
            Column("一共抽了", lambda odds: points(odds.draws), "number"),
            Column("概率表", lambda odds: rule_link(draft, "wheels", odds.wheel)),
        ),
        empty="还没有奖品。",
    )
    draw_listing(listing, found, query, None)
    ui.html(
        Markup('<p class="quiet">{}只算现在这张概率表下抽的；{}</p>').format(
            until, "抽到时已经没货、换成别的奖品的，按抽到的算。抽得少的时候，差一些很平常。"
        ),
        sanitize=False,
    )


PAGES: Final = (
    Page("/games/odds", "概率", "games", Action.LOOK_RULES, draw_odds),
    Page("/mall/redemptions", "兑换记录", "mall", Action.LOOK_MEMBERS, draw_redemptions),
    Page("/mall/stock", "库存", "mall", Action.LOOK_RULES, draw_stock),
)
