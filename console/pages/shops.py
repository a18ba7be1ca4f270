"""门店与渠道: the stores of the rules with today's numbers, their clerks and their keys; and today's numbers by channel."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final, NamedTuple

from markupsafe import Markup
from nicegui import ui

from console.facts import draw_heading
from console.listing import Column, Listing, draw_listing
from console.live_rules import rules_now
from console.markup import address, join, link, points, quiet, yuan
from console.page import Page, Visit
from console.pages.mall import rule_link
from loyalty.numbers.reports import Line, by_dimension
from loyalty.numbers.totals import Totals
from loyalty.programme.rules import RuleSet
from operators.access.people import list_operators
from operators.roles import Action
from operators.rules.drafts import rule_draft
from partner_api.keys import Key, list_keys


class ShopLine(NamedTuple):
    """A store: its region, today's numbers, the names of its clerks, and its keys that are good."""

    id: str
    name: str
    region: str | None
    today: Totals
    clerks: tuple[str, ...]
    keys: tuple[Key, ...]


async def draw_shops(visit: Visit, query: Mapping[str, str]) -> None:
    """The stores, then the channels."""
    rules = await rules_now(visit)
    if rules is None:
        ui.html(
            '<p class="empty">还没有规则。<a href="/rules/files">选一个行业模板开始</a></p>', sanitize=False
        )
        return
    draft = await rule_draft(visit.pool)
    listing = Listing[ShopLine](
        path="/shops",
        caption="门店",
        columns=(
            Column("门店", lambda row: row.name),
            Column("编号", lambda row: row.id),
            Column("区域", lambda row: row.region or "–"),
            Column("今天订单", lambda row: points(row.today["orders"]), "number"),
            Column("今天消费额", lambda row: yuan(row.today["sold"]), "number"),
            Column("今天发放", lambda row: points(row.today["issued"]), "number"),
            Column("今天核销", lambda row: points(row.today["verified"]), "number"),
            Column("店员", lambda row: _people(row)),
            Column("密钥", lambda row: _keys(row)),
            Column("改", lambda row: rule_link(draft, "stores", row.id)),
        ),
        empty="规则里还没有门店。在「规则 · 门店」里添加，再给每家店建一个密钥和店员。",
    )
    draw_listing(listing, await _lines(visit, rules), query, None)
    draw_heading("今天各渠道")
    report = await by_dimension(visit.pool, visit.today, visit.today, "channel", rules)
    channels = Listing[Line](
        path="/shops",
        caption="渠道",
        columns=(
            Column("渠道", lambda line: line.title),
            Column("发放", lambda line: points(line.totals["issued"]), "number"),
            Column("使用", lambda line: points(line.totals["used"] + line.totals["captured"]), "number"),
            Column("兑换", lambda line: points(line.totals["redeemed"]), "number"),
            Column("订单", lambda line: points(line.totals["orders"]), "number"),
        ),
        empty="今天还没有数字。",
    )
    draw_listing(channels, report.lines, {}, None)
    more = address("/reports", by="store", first=visit.today, last=visit.today)
    ui.html(Markup("<p>{}</p>").format(link("看更多天的报表", more)), sanitize=False)


async def _lines(visit: Visit, rules: RuleSet) -> list[ShopLine]:
    report = await by_dimension(visit.pool, visit.today, visit.today, "store", rules)
    totals = {line.part: line.totals for line in report.lines}
    clerks: dict[str, list[str]] = defaultdict(list)
    for one in await list_operators(visit.pool):
        if one.operator.store and one.disabled_at is None:
            clerks[one.operator.store].append(one.operator.name)
    keys: dict[str, list[Key]] = defaultdict(list)
    for key in await list_keys(visit.pool):
        if key.store and key.revoked_at is None:
            keys[key.store].append(key)
    return [
        ShopLine(
            one.id,
            one.name,
            one.region,
            totals.get(one.id, Totals()),
            tuple(clerks[one.id]),
            tuple(keys[one.id]),
        )
        for one in rules.stores
    ]


def _people(row: ShopLine) -> object:
    links = [link(name, f"/system/operators/{name}") for name in row.clerks]
    return join(links, "、") if links else quiet("没有店员")


def _keys(row: ShopLine) -> object:
    links = [link(key.name, f"/system/keys/{key.id}") for key in row.keys]
    return join(links, "、") if links else quiet("没有密钥")


PAGES: Final = (Page("/shops", "门店与渠道", "shops", Action.SHOPS, draw_shops),)
