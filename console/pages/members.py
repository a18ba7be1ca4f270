"""会员: the list, and the page of one member with what an operator can do for them."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup
from nicegui import ui

from base.sealing import KeyMissing, SealingError
from console.facts import draw_cards, draw_facts, draw_notice
from console.frame import draw_title
from console.listing import Filter, Listing, draw_listing
from console.listings.members import STATUSES, member_columns, named, tier_of
from console.live_rules import rules_now, tier_names
from console.markup import address, badge, link, moment, points, quiet
from console.page import Page, Visit
from console.pages.member_actions import draw_actions
from console.pages.member_tabs import draw_tabs
from loyalty.cases.views import list_cases
from loyalty.members.phones import masked_phone, phone_of
from loyalty.members.tails import is_tail
from loyalty.programme.rules import RuleSet
from operators.members.tails import find_by_tail
from operators.roles import Action, NotAllowed
from operators.views.finding import members_named
from operators.views.members import MemberLine, list_members, member_line, member_lines

MOST_NAMED: Final = 50
NO_KEY: Final = "没有加密手机号用的密钥（JIFEN_SECRET_KEY），不能按手机号找。"


async def draw_list(visit: Visit, query: Mapping[str, str]) -> None:
    """All members, newest first."""
    zone, rules = visit.zone, await rules_now(visit)
    tiers = tier_names(rules)
    found = await list_members(
        visit.pool, after=query.get("after", ""), status=query.get("status", ""), tier=query.get("tier", ""),
        name=query.get("name", "")[:32],
    )  # fmt: skip
    others = [] if query.get("after") else await _named_otherwise(visit, query)
    seen = {line.member_id for line in others}
    rows = [*others, *(line for line in found.rows if line.member_id not in seen)]
    listing = Listing[MemberLine](
        path="/members",
        caption="会员",
        columns=member_columns(rules, zone),
        empty="还没有会员。有人关注公众号或打开小程序以后，就会出现在这里；也可以用「任务 · 导入」把老会员搬进来。",
        filters=(
            Filter("name", "会员", hint="昵称、手机号或后四位、订单号、券码……"),
            Filter("tier", "等级", tiers),
            Filter("status", "状态", {code: words for code, (words, _) in STATUSES.items()}),
        ),
    )
    draw_listing(listing, rows, query, found.after)


async def _named_otherwise(visit: Visit, query: Mapping[str, str]) -> list[MemberLine]:
    """The members to whom the text leads by a number or a code, and who fit the other filters."""
    text = query.get("name", "").strip()
    try:
        ids = await members_named(visit.pool, visit.resources.settings, text)
    except KeyMissing:
        draw_notice(NO_KEY, bad=True)
        return []
    ids += await _by_tail(visit, text)
    status, tier = query.get("status", ""), query.get("tier", "")
    lines = await member_lines(visit.pool, ids[:MOST_NAMED]) if ids else []
    return [line for line in lines if status in ("", line.status) and tier in ("", line.tier)]


async def _by_tail(visit: Visit, text: str) -> list[int]:
    """The members whose phone number ends in these four digits; where there are more than a page, the search has the rest."""
    if not is_tail(text):
        return []
    try:
        page = await find_by_tail(visit.desk, text)
    except (KeyMissing, NotAllowed) as fault:
        draw_notice(NO_KEY if isinstance(fault, KeyMissing) else str(fault), bad=True)
        return []
    if page.after is not None:
        rest = link("看全部", address("/search", q=text))
        draw_notice(
            Markup("手机号以 {} 结尾的会员很多，这里是前 {} 位。{}").format(text, len(page.hits), rest)
        )
    return [hit.member_id for hit in page.hits]


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
    if line.status == "limited":
        cases = link("看案件", f"/cases?state=&member={line.member_id}")
        draw_notice(
            Markup("这位会员短时间花的积分太多，暂停花积分，得积分照常；等人审核。{}").format(cases), bad=True
        )
    if line.status == "frozen":
        draw_notice("这个账户已冻结：不能再得积分、花积分；到期、退款和退回扣住的积分照常。", bad=True)
    if line.status == "merged" and line.merged_into is not None:
        there = named(line.merged_into, None)
        draw_notice(Markup("这个账户已并入{}：积分、等级和券都在那边。").format(there))
    elif line.status != "limited" and await list_cases(visit.pool, member_id=line.member_id, limit=1):
        earlier = link("看以前的案件", f"/cases?state=&member={line.member_id}")
        draw_notice(Markup("这位会员以前有过暂停花积分的案件。{}").format(earlier))
    with ui.element("div").classes("two"):
        with ui.element("div"):
            await _draw_head(visit, line, rules)
            await draw_tabs(visit, line, query)
        with ui.element("div").classes("panel deeds"):
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
            ("待到账", points(line.pending), "到日子自动到账"),
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


PAGES: Final = (
    Page("/members", "会员", "members", Action.LOOK_MEMBERS, draw_list),
    Page("/members/{member_id}", "会员", "members", Action.LOOK_MEMBERS, draw_member, in_menu=False),
)
