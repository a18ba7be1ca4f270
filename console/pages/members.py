"""会员: the list, and the page of one member with what an operator can do for them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import Markup
from nicegui import ui

from base.sealing import SealingError
from console.facts import draw_cards, draw_facts, draw_notice
from console.frame import draw_title
from console.listing import Column, Filter, Listing, draw_listing
from console.markup import Tone, address, badge, join, link, moment, points, quiet, signed
from console.page import Page, Visit
from console.pages.member_actions import draw_actions
from loyalty.entries import EntryView, entries
from loyalty.members.phones import masked_phone, phone_of
from loyalty.programme.live import NoRulesPublished
from loyalty.programme.rules import RuleSet
from loyalty.vouchers.state import redemption_state
from operators.log import Filters, Operation, list_operations
from operators.roles import Action
from operators.views.members import (
    FriendLine,
    LotLine,
    MemberLine,
    SpanLine,
    friends_of,
    identities_of,
    list_members,
    lots_of,
    member_line,
    tiers_of,
)
from operators.views.notices import list_notices
from operators.views.vouchers import VoucherLine, list_vouchers

STATUSES: Final[Mapping[str, tuple[str, Tone]]] = {
    "open": ("正常", "good"),
    "frozen": ("已冻结", "bad"),
    "closed": ("已注销", "quiet"),
    "merged": ("已并入别的会员", "quiet"),
}
VOUCHER_STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "issued": ("待使用", "good"), "used": ("已核销", "quiet"), "cancelled": ("已取消", "quiet"), "expired": ("已过期", "warn"),
}  # fmt: skip
ENTRIES_SHOWN: Final = 50


def named(member_id: int, nickname: str | None) -> Markup:
    """A link to a member's page, by nickname if there is one."""
    return link(nickname or f"会员 {member_id}", f"/members/{member_id}")


async def rules_now(visit: Visit) -> RuleSet | None:
    """The rules in force; None before any were published."""
    try:
        return (await visit.resources.directory.rules(visit.desk.now())).rules
    except NoRulesPublished:
        return None


def tier_names(rules: RuleSet | None) -> Mapping[str, str]:
    """The names of tiers by id; empty without rules."""
    return {tier.id: tier.name for tier in rules.tiers} if rules else {}


def tier_of(rules: RuleSet | None, line: MemberLine) -> str:
    """The name of the member's tier."""
    return rules.tiers[rules.ladder.held(line.tier, line.growth)].name if rules else "–"


def member_columns(rules: RuleSet | None, zone: ZoneInfo) -> tuple[Column[MemberLine], ...]:
    """The columns of a list of members."""
    return (
        Column("会员", lambda line: named(line.member_id, line.nickname)),
        Column("会员号", lambda line: line.member_id, "number"),
        Column("状态", lambda line: badge(*STATUSES[line.status])),
        Column("等级", lambda line: tier_of(rules, line)),
        Column("可用积分", lambda line: points(line.available), "number"),
        Column("待入账", lambda line: points(line.pending), "number"),
        Column("成长值", lambda line: points(line.growth), "number"),
        Column("加入", lambda line: moment(line.joined_at, zone)),
        Column("最近来过", lambda line: line.last_seen_on),
    )


async def draw_list(visit: Visit, query: Mapping[str, str]) -> None:
    """All members, newest first."""
    zone, rules = visit.zone, await rules_now(visit)
    tiers = tier_names(rules)
    found = await list_members(
        visit.pool, after=query.get("after", ""), status=query.get("status", ""), tier=query.get("tier", ""),
        name=query.get("name", "")[:32],
    )  # fmt: skip
    listing = Listing[MemberLine](
        path="/members",
        caption="会员",
        columns=member_columns(rules, zone),
        empty="还没有会员。有人关注公众号或打开小程序以后，就会出现在这里；也可以用「任务 · 导入」把老会员搬进来。",
        filters=(
            Filter("name", "昵称（开头几个字）"),
            Filter("tier", "等级", tiers),
            Filter("status", "状态", {code: words for code, (words, _) in STATUSES.items()}),
        ),
    )
    draw_listing(listing, found.rows, query, found.after)


async def draw_member(visit: Visit, query: Mapping[str, str]) -> None:
    """One member: figures, what an operator can do, and one tab of what happened."""
    text = query["member_id"]
    line = await member_line(visit.pool, int(text)) if text.isdecimal() and len(text) < 19 else None
    if line is None:
        ui.html(
            Markup('<p class="empty">没有会员号为 {} 的会员。<a href="/members">回到会员列表</a></p>').format(
                text[:40]
            ),
            sanitize=False,
        )
        return
    rules = await rules_now(visit)
    draw_title(line.nickname or f"会员 {line.member_id}")
    if line.status == "frozen":
        draw_notice("这个账户已冻结：不能再得积分、花积分；到期、退款和退回扣住的积分照常。", bad=True)
    with ui.element("div").classes("two"):
        with ui.element("div"):
            await _draw_head(visit, line, rules)
            tab = query.get("tab", "entries")
            ui.html(_tabs(line.member_id, tab), sanitize=False)
            await TABS.get(tab, TABS["entries"])[1](visit, line, query)
        with ui.element("div").classes("panel"):
            ui.html("<h2>操作</h2>", sanitize=False)
            draw_actions(visit, line)


async def _phone(visit: Visit, member_id: int) -> object:
    """The member's phone number, masked."""
    try:
        phone = await phone_of(visit.pool, visit.resources.settings.keyring, member_id)
    except SealingError:
        return quiet("读不出来：缺少加密手机号用的密钥")
    return masked_phone(phone) if phone else quiet("没有绑定")


async def _draw_head(visit: Visit, line: MemberLine, rules: RuleSet | None) -> None:
    zone = visit.zone
    draw_cards(
        [
            ("可用积分", points(line.available), f"欠 {points(line.debt)}" if line.debt else "没有欠分"),
            ("待入账", points(line.pending), "到日子自动入账"),
            ("成长值", points(line.growth), tier_of(rules, line)),
        ]
    )
    draw_facts(
        [
            ("昵称", line.nickname or quiet("没有设置")),
            ("会员号", line.member_id),
            ("状态", badge(*STATUSES[line.status])),
            ("手机号", await _phone(visit, line.member_id)),
            ("加入", moment(line.joined_at, zone)),
            ("最近来过", line.last_seen_on),
        ]
    )


def _tabs(member_id: int, here: str) -> Markup:
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
            Column("时间", lambda row: moment(row.created_at, visit.zone)),
            Column("事项", lambda row: row.title),
            Column("变动", lambda row: signed(row.delta), "number"),
            Column("余额", lambda row: points(row.balance_after), "number"),
            Column("为什么", lambda row: row.reason),
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
            Column(
                "到期（当天起不能用）",
                lambda lot: "长期有效" if lot.expires_on.year > 9000 else lot.expires_on,
            ),
            Column("可用自", lambda lot: lot.opens_on),
            Column("剩余", lambda lot: points(lot.remaining), "number"),
            Column("扣住", lambda lot: points(lot.held), "number"),
            Column("发放", lambda lot: points(lot.granted), "number"),
        ),
        empty="没有剩余的积分。",
        kept={"tab": "lots"},
    )
    draw_listing(listing, await lots_of(visit.pool, line.member_id), query, None)


async def _draw_vouchers(visit: Visit, line: MemberLine, query: Mapping[str, str]) -> None:
    found = await list_vouchers(visit.pool, member_id=line.member_id, after=query.get("after", ""))
    draw_listing(
        voucher_listing(visit, f"/members/{line.member_id}", {"tab": "vouchers"}, of_one=True),
        found.rows,
        query,
        found.after,
    )


def voucher_listing(
    visit: Visit,
    path: str,
    kept: Mapping[str, str],
    *,
    of_one: bool = False,
    filters: tuple[Filter, ...] = (),
) -> Listing[VoucherLine]:
    """A list of vouchers, of one member or of all."""
    zone = visit.zone
    whose: tuple[Column[VoucherLine], ...] = (
        () if of_one else (Column("会员", lambda row: named(row.member_id, row.nickname)),)
    )
    return Listing(
        path=path,
        caption="兑换记录",
        columns=(
            Column("时间", lambda row: moment(row.created_at, zone)),
            *whose,
            Column("奖品", lambda row: row.name),
            Column("数量", lambda row: row.quantity, "number"),
            Column("积分", lambda row: points(row.points), "number"),
            Column("券码", lambda row: Markup("<code>{}</code>").format(row.voucher_code)),
            Column("状态", lambda row: badge(*VOUCHER_STATES[_state(visit, row)])),
            Column("有效期至", lambda row: row.expires_on),
            Column(
                "核销",
                lambda row: (
                    join([moment(row.closed_at, zone), " ", row.store or ""]) if row.closed_at else "–"
                ),
            ),
        ),
        empty="还没有兑换过。",
        filters=filters,
        kept=kept,
    )


def _state(visit: Visit, row: VoucherLine) -> str:
    return redemption_state(row.state, row.expires_on, visit.today)


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
        empty="还没有等级变化。",
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
    from console.pages.messages import notice_listing

    found = await list_notices(visit.pool, member_id=line.member_id, after=query.get("after", ""))
    draw_listing(
        notice_listing(visit, f"/members/{line.member_id}", {"tab": "notices"}, of_one=True),
        found.rows,
        query,
        found.after,
    )


async def _draw_habits(visit: Visit, line: MemberLine, _: Mapping[str, str]) -> None:
    from console.pages.figures.member_habits import draw_member_habits

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


PAGES: Final = (
    Page("/members", "会员", "members", Action.LOOK_MEMBERS, draw_list),
    Page("/members/{member_id}", "会员", "members", Action.LOOK_MEMBERS, draw_member, in_menu=False),
)
