"""Search over everything (Ctrl-K): members, orders, vouchers, and the console's own pages."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup
from nicegui import ui

from base.sealing import KeyMissing
from console.facts import draw_heading, draw_notice
from console.forms.places import title_of
from console.forms.shapes import Many, section_items
from console.frame import draw_title
from console.listing import Column, Listing, draw_listing
from console.markup import address, join, link
from console.page import SECTIONS, Page, Visit
from loyalty.members.tails import is_tail
from operators.members.tails import TailHit, find_by_tail
from operators.roles import Action, NotAllowed
from operators.rules.drafts import RuleDraft, rule_draft
from operators.views.finding import LONGEST, Hit, HitKind, find
from operators.views.paging import number_in

MOST_LINKS: Final = 20
KINDS: Final[Mapping[HitKind, str]] = {"member": "会员", "order": "订单", "voucher": "券"}
HINT: Final = (
    "会员号、昵称开头、手机号或它的后四位、会员码、OpenID、订单号、券码、邀请码，或者规则、页面的名字"
)


async def draw_search(visit: Visit, query: Mapping[str, str]) -> None:
    """A field, and what the text in it leads to."""
    draw_title("搜索")
    text = query.get("q", "").strip()[:LONGEST]
    ui.html(
        Markup(
            '<form class="filters" method="get" action="/search" role="search"><label style="flex:1"><span>{}</span>'
            '<input name="q" value="{}" maxlength="{}" autofocus style="width:100%"></label>'
            '<button class="button" type="submit">搜索</button></form>'
        ).format(HINT, text, LONGEST),
        sanitize=False,
    )
    if not text:
        return
    _draw_pages(visit, text)
    if visit.may(Action.LOOK_RULES):
        _draw_links("规则", _rule_links(await rule_draft(visit.pool), text))
    if visit.may(Action.LOOK_MEMBERS):
        await _draw_hits(visit, text)
        if is_tail(text):
            await _draw_tails(visit, text, number_in(query.get("after", "")) or 0)


def _draw_pages(visit: Visit, text: str) -> None:
    from console.pages import PAGES

    shown = [
        link(f"{SECTIONS[page.section][0]} · {page.title}", page.path)
        for page in PAGES
        if page.in_menu
        and visit.may(page.action)
        and (text in page.title or text in SECTIONS[page.section][0])
    ]
    _draw_links("页面", shown)


def _rule_links(draft: RuleDraft, text: str) -> list[Markup]:
    """The sections of the rules with the text in their title, and the rewards, games and the like with it in their name."""
    found = []
    for key, item in section_items().items():
        if text in item.title:
            found.append(link(f"规则 · {item.title}", f"/rules/edit/{key}"))
        elements = draft.value(key) if isinstance(item.shape, Many) else None
        for place, element in enumerate(elements or []):
            if text.lower() in (name := title_of(element, place)).lower():
                found.append(link(f"{item.title} · {name}", f"/rules/edit/{key}/{place}"))
    return found[:MOST_LINKS]


def _draw_links(heading: str, links: list[Markup]) -> None:
    if links:
        draw_heading(heading)
        ui.html(Markup("<p>{}</p>").format(join(links, "<br>")), sanitize=False)


async def _draw_hits(visit: Visit, text: str) -> None:
    try:
        hits = await find(visit.pool, visit.resources.settings, text)
    except KeyMissing:
        draw_notice("没有加密手机号用的密钥（JIFEN_SECRET_KEY），不能按手机号找。", bad=True)
        return
    listing = Listing[Hit](
        path="/search",
        caption="找到的",
        columns=(
            Column("类型", lambda hit: KINDS[hit.kind]),
            Column("会员", lambda hit: link(hit.nickname or f"会员 {hit.member_id}", _address(hit))),
            Column("会员号", lambda hit: hit.member_id, "number"),
            Column("按什么找到的", lambda hit: hit.words),
        ),
        empty="没有找到会员、订单和券。订单号、券码和 OpenID 要写完整，手机号写完整或者写后四位，昵称可以只写开头几个字。",
    )
    draw_listing(listing, hits, {}, None)


async def _draw_tails(visit: Visit, tail: str, after: int) -> None:
    """The members whose phone number ends so, masked; each page is in the operation log."""
    try:
        page = await find_by_tail(visit.desk, tail, after)
    except KeyMissing:
        return  # the hits above have said so
    except NotAllowed as fault:
        draw_notice(str(fault), bad=True)
        return
    listing = Listing[TailHit](
        path="/search",
        caption="手机尾号",
        columns=(
            Column(
                "会员", lambda hit: link(hit.nickname or f"会员 {hit.member_id}", f"/members/{hit.member_id}")
            ),
            Column("会员号", lambda hit: hit.member_id, "number"),
            Column("手机号", lambda hit: hit.phone),
        ),
        empty=f"没有手机号以 {tail} 结尾的会员。",
    )
    draw_heading(f"手机尾号 {tail}")
    draw_listing(listing, page.hits, {"q": tail}, None if page.after is None else str(page.after))


def _address(hit: Hit) -> str:
    tab = {"member": None, "order": "entries", "voucher": "vouchers"}[hit.kind]
    return address(f"/members/{hit.member_id}", tab=tab)


PAGES: Final = (Page("/search", "搜索", "overview", Action.LOG_OWN, draw_search, in_menu=False),)
