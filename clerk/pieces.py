"""The pieces of the counter's pages: who is there, the field for a code, a voucher, a member's vouchers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from clerk.guard import ROOT
from clerk.html import form
from loyalty.ledger.words import last_day_text, number
from loyalty.overview import Overview
from loyalty.vouchers.counter import CounterVoucher
from operators.counter.taken import MOST_SHOWN, Taken
from operators.roles import Operator
from web.html import NOTHING, Html, joined, markup

STATES: Final = {
    "issued": ("可以使用", "good"),
    "used": ("已经用过", "bad"),
    "cancelled": ("已取消", "bad"),
    "expired": ("已过期", "bad"),
}
NEXT: Final = Html(f'<a class="button" href="{ROOT}">下一位</a>')
BACK: Final = Html(f'<a class="button plain" href="{ROOT}">返回</a>')

Stores = Mapping[str, str]


def top(operator: Operator, stores: Stores) -> Html:
    """The head of a page: who is logged in, for which store, and the way out."""
    store = stores.get(operator.store, operator.store) if operator.store else operator.role_name
    return markup(
        '<header><a class="name" href="/clerk">门店核销</a><span class="who">{} · {}</span>'
        '<form method="post" action="/clerk/logout"><button class="link" type="submit">退出</button></form></header>',
        store, operator.name,
    )  # fmt: skip


def code_form() -> Html:
    """The field for a code; a script adds a button that scans, where the browser can."""
    label = markup(
        '<label><span>券码或会员码</span><input name="code" id="code" type="text" autocomplete="off" autocapitalize="characters"'
        ' spellcheck="false" maxlength="64" placeholder="例如 K7M9-PQ2R-TUVW" required autofocus></label>'
    )
    scan = markup(
        '<button class="button plain" type="button" id="scan" hidden>扫码</button>'
        '<div id="camera" hidden><video playsinline muted></video>'
        '<button class="button plain" type="button" id="stop">不扫了</button></div>'
        '<p class="said warn" role="status" id="camera-fault" hidden></p>'
    )
    return markup('<div class="panel">{}{}</div>', form(f"{ROOT}/look", [label], "查询"), scan)


def voucher_panel(voucher: CounterVoucher) -> Html:
    """The facts of a voucher: its reward, its member, and its last day."""
    state, tone = STATES[voucher.state]
    rows = [
        ("会员", voucher.whose),
        ("最后可用日", last_day_text(voucher.expires_on)),
        ("券码", _grouped(voucher.code)),
    ]
    return markup(
        '<section class="panel"><p class="badge {}">{}</p><h1>{} <span class="times">×{}</span></h1>{}{}</section>',
        tone, state, voucher.name, voucher.quantity,
        markup('<p class="terms">{}</p>', voucher.terms) if voucher.terms else NOTHING,
        _facts(rows),
    )  # fmt: skip


def store_field(operator: Operator, stores: Stores) -> list[Html]:
    """The choice of a store, for an operator who belongs to none."""
    if operator.store is not None or not stores:
        return []
    options = joined(markup('<option value="{}">{}</option>', *one) for one in stores.items())
    return [
        markup(
            '<label><span>门店</span><select name="store"><option value="">不写</option>{}</select></label>',
            options,
        )
    ]


def member_panel(seen: Overview) -> Html:
    """Who stands at the counter."""
    rows = [("等级", seen.tier.name), ("可用积分", number(seen.balance))]
    name = seen.nickname or f"会员 {seen.member_id}"
    return markup('<section class="panel"><h1>{}</h1>{}</section>', name, _facts(rows))


def voucher_list(vouchers: Iterable[CounterVoucher]) -> Html:
    """Vouchers, each a button that leads to its page."""
    items = [
        markup(
            '<li><form method="post" action="/clerk/look"><input type="hidden" name="code" value="{}">'
            '<button class="row" type="submit"><span>{} ×{}</span><span class="quiet">{}</span></button></form></li>',
            one.code, one.name, one.quantity, _usable_until(one),
        )
        for one in vouchers
    ]  # fmt: skip
    return (
        markup('<ul class="list">{}</ul>', joined(items))
        if items
        else markup('<p class="empty">没有可以使用的券。</p>')
    )


def taken_list(taken: Sequence[Taken], zone: ZoneInfo, stores: Stores) -> Html:
    """What somebody took today, and how much it was in all, unless there is more than is shown."""
    if not taken:
        return markup('<p class="empty">今天还没有核销过。</p>')
    pieces = sum(one.quantity for one in taken)
    lead = f"最近 {len(taken)} 张券：" if len(taken) == MOST_SHOWN else f"{len(taken)} 张券，共 {pieces} 份。"
    items = [
        markup(
            '<li class="row"><span>{} ×{}</span><span class="quiet">{} · {}{}</span></li>',
            one.name, one.quantity, moment(one.at, zone), one.whose,
            f" · {stores.get(one.store, one.store)}" if one.store else "",
        )
        for one in taken
    ]  # fmt: skip
    return markup('<p>{}</p><ul class="list">{}</ul>', lead, joined(items))


def moment(at: datetime, zone: ZoneInfo) -> str:
    """The time of day, to the second."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def _usable_until(voucher: CounterVoucher) -> str:
    return f"最后可用日 {last_day_text(voucher.expires_on)}"


def _facts(rows: Iterable[tuple[str, str]]) -> Html:
    return markup("<dl>{}</dl>", joined(markup("<div><dt>{}</dt><dd>{}</dd></div>", *row) for row in rows))


def _grouped(code: str) -> str:
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))
