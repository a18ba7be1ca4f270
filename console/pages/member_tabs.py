"""The tabs of a member's page: what happened to them, one list a tab."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from markupsafe import Markup
from nicegui import ui

from console.facts import draw_facts
from console.listing import Column, Listing, draw_listing
from console.listings.entries import entry_columns
from console.listings.members import named
from console.listings.notices import notice_listing
from console.listings.vouchers import voucher_listing
from console.live_rules import rules_now, store_names, tier_names
from console.markup import address, join, link, moment, points, until
from console.page import Visit
from console.pages.figures.member_habits import draw_member_habits
from loyalty.entries import EntryView, entries
from operators.log import Operation
from operators.operation_log.pages import Filters, list_operations
from operators.views.members import (
    FriendLine,
    LotLine,
    MemberLine,
    SpanLine,
    friends_of,
    identities_of,
    lots_of,
    tiers_of,
)
from operators.views.notices import list_notices
from operators.views.vouchers import list_vouchers

ENTRIES_SHOWN: Final = 50


async def draw_tabs(visit: Visit, line: MemberLine, query: Mapping[str, str]) -> None:
    """The names of the tabs, and the content of the one that the address names; the entries without one."""
    tab = query.get("tab", "entries")
    ui.html(_names(line.member_id, tab), sanitize=False)
    await TABS.get(tab, TABS["entries"])[1](visit, line, query)


def _names(member_id: int, here: str) -> Markup:
    return Markup('<nav class="tabs" aria-label="会员的记录">{}</nav>').format(
        join(
            Markup('<a class="{}" href="{}"{}>{}</a>').format(
                "here" if code == here else "",
                address(f"/members/{member_id}", tab=code),
                Markup(' aria-current="page"') if code == here else "",
                title,
            )
            for code, (title, _) in TABS.items()
        )
    )


async def _draw_entries(visit: Visit, line: MemberLine, query: Mapping[str, str]) -> None:
    before = query.get("after", "")
    rows = await entries(
        line.member_id,
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
        limit=ENTRIES_SHOWN + 1,
    )
    listing = Listing[EntryView](
        path=f"/members/{line.member_id}",
        caption="积分流水",
        columns=(
            *entry_columns(visit),
            Column(
                "规则",
                lambda row: (
                    link(f"第 {row.rule_version} 版", f"/rules/history/{row.rule_version}", "whole")
                    if row.rule_version
                    else "–"
                ),
            ),
        ),
        empty="还没有积分变动。",
        kept={"tab": "entries"},
    )
    more = str(rows[ENTRIES_SHOWN - 1].id) if len(rows) > ENTRIES_SHOWN else None
    draw_listing(listing, rows[:ENTRIES_SHOWN], query, more)


async def _draw_lots(visit: Visit, line: MemberLine, query: Mapping[str, str]) -> None:
    listing = Listing[LotLine](
        path=f"/members/{line.member_id}",
        caption="积分批次",
        columns=(
            Column("最后可用日", lambda lot: until(lot.expires_on)),
            Column("从哪天起能用", lambda lot: "已经能用" if lot.opens_on <= visit.today else lot.opens_on),
            Column("剩余", lambda lot: points(lot.remaining), "number"),
            Column("冻结", lambda lot: points(lot.held), "number"),
            Column("发放", lambda lot: points(lot.granted), "number"),
        ),
        empty="没有剩余的积分。",
        kept={"tab": "lots"},
    )
    draw_listing(listing, await lots_of(visit.pool, line.member_id), query, None)


async def _draw_vouchers(visit: Visit, line: MemberLine, query: Mapping[str, str]) -> None:
    found = await list_vouchers(visit.pool, member_id=line.member_id, after=query.get("after", ""))
    stores = store_names(await rules_now(visit))
    draw_listing(
        voucher_listing(visit, f"/members/{line.member_id}", {"tab": "vouchers"}, stores, of_one=True),
        found.rows,
        query,
        found.after,
    )


async def _draw_tiers(visit: Visit, line: MemberLine, query: Mapping[str, str]) -> None:
    tiers, zone = tier_names(await rules_now(visit)), visit.zone
    listing = Listing[SpanLine](
        path=f"/members/{line.member_id}",
        caption="等级变化",
        columns=(
            Column("等级", lambda row: tiers.get(row.tier, row.tier)),
            Column("从", lambda row: moment(row.since, zone)),
            Column("到", lambda row: moment(row.until, zone) if row.until else "现在"),
            Column("之前", lambda row: tiers.get(row.came_from, row.came_from)),
            Column("原因", lambda row: row.why),
        ),
        empty="还没有等级变化。规则里没有设置「等级评定」时，等级只按成长值算，不留历史。",
        kept={"tab": "tiers"},
    )
    draw_listing(listing, await tiers_of(visit.pool, line.member_id), query, None)


async def _draw_friends(visit: Visit, line: MemberLine, query: Mapping[str, str]) -> None:
    zone = visit.zone
    listing = Listing[FriendLine](
        path=f"/members/{line.member_id}",
        caption="邀请的好友",
        columns=(
            Column("好友", lambda row: named(row.member_id, row.nickname)),
            Column("接受邀请", lambda row: moment(row.bound_at, zone)),
            Column("奖励到账", lambda row: moment(row.qualified_at, zone)),
        ),
        empty="还没有邀请过好友。",
        kept={"tab": "friends"},
    )
    draw_listing(listing, await friends_of(visit.pool, line.member_id), query, None)


async def _draw_notices(visit: Visit, line: MemberLine, query: Mapping[str, str]) -> None:
    found = await list_notices(visit.pool, member_id=line.member_id, after=query.get("after", ""))
    draw_listing(
        notice_listing(visit, f"/members/{line.member_id}", {"tab": "notices"}, of_one=True),
        found.rows,
        query,
        found.after,
    )


async def _draw_habits(visit: Visit, line: MemberLine, _: Mapping[str, str]) -> None:
    if rules := await rules_now(visit):
        await draw_member_habits(visit, line.member_id, rules)


async def _draw_identities(visit: Visit, line: MemberLine, _: Mapping[str, str]) -> None:
    settings = visit.resources.settings
    apps = {
        settings.oa_app_id: "公众号 OpenID",
        settings.miniapp_app_id: "小程序 OpenID",
        "unionid": "UnionID",
    }
    found = await identities_of(visit.pool, line.member_id)
    draw_facts(
        [
            (apps.get(one.provider, one.provider), Markup("<code>{}</code>").format(one.subject))
            for one in found
        ]
    )


async def _draw_operations(visit: Visit, line: MemberLine, query: Mapping[str, str]) -> None:
    zone = visit.zone
    listing = Listing[Operation](
        path=f"/members/{line.member_id}",
        caption="操作记录",
        columns=(
            Column("时间", lambda row: moment(row.at, zone)),
            Column("操作员", lambda row: f"{row.operator}（{row.role_name}）"),
            Column("做了什么", lambda row: row.label),
            Column("原因", lambda row: row.reason or "–"),
        ),
        empty="还没有人对这位会员做过操作。",
        kept={"tab": "operations"},
    )
    draw_listing(listing, await list_operations(visit.pool, Filters(member_id=line.member_id)), query, None)


TABS: Final[Mapping[str, tuple[str, Callable[[Visit, MemberLine, Mapping[str, str]], Awaitable[None]]]]] = {
    "entries": ("流水", _draw_entries),
    "lots": ("批次与到期", _draw_lots),
    "vouchers": ("兑换", _draw_vouchers),
    "tiers": ("等级", _draw_tiers),
    "friends": ("好友", _draw_friends),
    "notices": ("消息", _draw_notices),
    "habits": ("习惯", _draw_habits),
    "identities": ("微信身份", _draw_identities),
    "operations": ("操作记录", _draw_operations),
}
