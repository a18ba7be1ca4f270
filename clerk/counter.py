"""The counter in three steps: type or scan a code, see what to hand over, confirm. And what was taken today."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from clerk.codes import NoSuchCode, is_member_code, member_of, voucher_of
from clerk.guard import ROOT, Visit, shown
from clerk.html import form, said
from clerk.pieces import (
    BACK,
    NEXT,
    Stores,
    code_form,
    member_panel,
    moment,
    store_field,
    taken_list,
    top,
    voucher_list,
    voucher_panel,
)
from loyalty.programme.in_force.live import NoRulesPublished
from loyalty.vouchers.counter import CounterVoucher
from loyalty.vouchers.outcomes import VoucherNotUsable, VoucherUsed
from operators.counter.vouchers import look_at_vouchers_of, taken_today, verify
from operators.counter.words import outcome_text, used_text
from web.html import Html, joined, markup

JUST_NOW: Final = timedelta(minutes=2)
"""A second tap that comes so soon after the first one asks whether the first one worked."""


async def show_front(visit: Visit) -> web.Response:
    """The field for a code."""
    return await _front(visit)


async def look(visit: Visit) -> web.Response:
    """The page of a code: a member's vouchers, or one voucher with the button that takes it."""
    typed = visit.field("code").strip()
    if not typed:
        return await _front(visit, "请输入券码或会员码。", 422)
    try:
        if is_member_code(typed):
            return await _show_member(visit, await member_of(visit, typed))
        return await _show_voucher(visit, await voucher_of(visit, typed))
    except NoSuchCode as fault:
        return await _front(visit, str(fault), fault.status)


async def use(visit: Visit) -> web.Response:
    """Take a voucher. A second tap hears when the first one took it."""
    try:
        voucher = await voucher_of(visit, visit.field("code"))
    except NoSuchCode as fault:
        return await _front(visit, str(fault), fault.status)
    outcome = await verify(visit.at_desk, voucher.code, visit.field("store") or None)
    stores, zone = await _stores(visit), visit.resources.zone
    match outcome:
        case VoucherUsed():
            return _answer("核销成功", visit, stores, _handed_over(visit, outcome, stores))
        case VoucherNotUsable(state="used", closed_at=datetime() as at) if _is_own(
            visit, at, outcome.used_by
        ):
            sentence = f"这张券（{outcome.name}）刚刚（{moment(at, zone)}）已由您核销成功，一张券只给一份。"
            return _answer("已经核销", visit, stores, joined([said(sentence, "warn"), NEXT]), 409)
    body = joined([said(outcome_text(outcome, zone, stores)), NEXT])
    return _answer("不能核销", visit, stores, body, 409)


async def show_today(visit: Visit) -> web.Response:
    """The vouchers that this operator has taken today."""
    taken, stores = await taken_today(visit.at_desk), await _stores(visit)
    body = joined([markup("<h1>今天核销的</h1>"), taken_list(taken, visit.resources.zone, stores), BACK])
    return _answer("今天核销的", visit, stores, body)


async def _front(visit: Visit, sentence: str = "", status: int = 200) -> web.Response:
    today = markup('<a class="button plain" href="{}/today">今天核销的</a>', ROOT)
    body = joined([markup("<h1>核销</h1>"), said(sentence), code_form(), today])
    return _answer("核销", visit, await _stores(visit), body, status)


async def _show_voucher(visit: Visit, voucher: CounterVoucher) -> web.Response:
    stores = await _stores(visit)
    if voucher.state == "issued":
        fields = store_field(visit.at_desk.operator, stores)
        act = form(f"{ROOT}/use", fields, "核销", {"code": voucher.code})
        body = joined([voucher_panel(voucher), act, BACK])
    else:
        body = joined([said(_why_not(visit, voucher, stores)), voucher_panel(voucher), NEXT])
    return _answer(voucher.name, visit, stores, body)


async def _show_member(visit: Visit, member_id: int) -> web.Response:
    seen = await visit.resources.directory.overview(member_id, visit.now)
    vouchers = await look_at_vouchers_of(visit.at_desk, member_id)
    body = joined([member_panel(seen), markup("<h2>可以使用的券</h2>"), voucher_list(vouchers), BACK])
    return _answer("会员", visit, await _stores(visit), body)


def _handed_over(visit: Visit, used: VoucherUsed, stores: Stores) -> Html:
    where = f" · {stores.get(used.store, used.store)}" if used.store else ""
    return markup(
        '<section class="panel done"><p class="badge good" role="status">✓ 核销成功</p><h1>{} <span class="times">×{}</span></h1>'
        '<p class="terms">{}</p><p class="quiet">{} · {}{}</p></section>{}',
        used.name, used.quantity, used.terms or "请交给会员。", moment(visit.now, visit.resources.zone), used.by, where, NEXT,
    )  # fmt: skip


def _why_not(visit: Visit, voucher: CounterVoucher, stores: Stores) -> str:
    if voucher.state == "used" and voucher.closed_at is not None:
        used = used_text(voucher.closed_at, voucher.used_by, voucher.store, visit.resources.zone, stores)
        return f"这张券{used}"
    return VoucherNotUsable(voucher.state, voucher.name, voucher.expires_on).sentence


def _is_own(visit: Visit, at: datetime, used_by: str | None) -> bool:
    return used_by == visit.at_desk.operator.name and visit.now - at < JUST_NOW


def _answer(title: str, visit: Visit, stores: Stores, body: Html, status: int = 200) -> web.Response:
    return shown(title, body, top(visit.at_desk.operator, stores), status)


async def _stores(visit: Visit) -> Stores:
    """The names of the stores by their ids; none before the first rules."""
    with suppress(NoRulesPublished):
        live = await visit.resources.directory.rules(visit.now)
        return {store.id: store.name for store in live.rules.stores}
    return {}
