"""我的券: redeemed and won rewards, the voucher code to show at the till, and cancelling unused ones."""

import asyncio
from typing import Any

from emulator.phone.clients.http_call import Json
from emulator.phone.clients.member_api import MemberApi
from emulator.phone.elements.formats import last_day_text, moment_text, number
from emulator.phone.elements.qr_svg import qr_svg
from emulator.phone.elements.tags import box, button, drawing, text
from emulator.phone.mini.growing_list import GrowingList
from emulator.phone.mini.screen import Mini, Page

_STATES = {"issued": "待使用", "used": "已使用", "cancelled": "已取消", "expired": "已过期"}


async def load(api: MemberApi, mini: Mini) -> Json:
    """The first page of redemptions."""
    return await api.get("/redemptions")


def build(mini: Mini, data: Any) -> None:
    """Draw the list."""
    GrowingList(mini, "/redemptions", data, lambda item: _ticket(mini, item), "还没有记录，去兑换一杯咖啡吧")


async def show_voucher(mini: Mini, name: str, code: str) -> None:
    """Show the voucher's code in a dialog, as a QR code and as text."""
    svg = await asyncio.to_thread(qr_svg, code)
    with mini.overlay.dialog(name, "voucher"):
        drawing(svg, "voucher-qr")
        text(code, "voucher-code", "voucher-code")
        text("到店出示给店员核销", "dialog-text")
        button("关闭", "dialog-only", mini.overlay.close, "voucher-close")


def _ticket(mini: Mini, item: Json) -> None:
    state = str(item["state"])
    usable = state == "issued"
    with box("ticket" + ("" if usable else " is-spent"), "redemption"):
        with box("ticket-main"):
            text(str(item["name"]), "reward-name")
            text(_note(item), "item-note")
            text(str(item["voucher"] or ""), "ticket-code", "redemption-code")
        with box("ticket-side"):
            text(_STATES.get(state, state), "ticket-state", "redemption-state")
            if usable and item["voucher"]:
                button(
                    "去使用",
                    "pill-button is-small",
                    lambda: show_voucher(mini, item["name"], item["voucher"]),
                    "btn-voucher",
                )
            if item["cancellable"]:
                button("取消兑换", "link-button", lambda: _ask(mini, item), "btn-cancel")


def _note(item: Json) -> str:
    cost = f"{number(item['points'])} 积分" if item["points"] else "抽奖所得"
    until = item["cancellable_until"]
    cancel = f" · {moment_text(until)} 前可取消" if until else ""
    return f"{cost} · 可用至 {last_day_text(item['expires_on'])}{cancel}"


def _ask(mini: Mini, item: Json) -> None:
    message = f"取消「{item['name']}」，{number(item['points'])} 积分按原有效期退回。"
    mini.overlay.ask(
        "取消兑换", message, "取消兑换", lambda: _cancel(mini, item), "cancel-confirm", no="再想想"
    )


async def _cancel(mini: Mini, item: Json) -> None:
    given_back = await mini.overlay.attempt(mini.api.post_idempotent(f"/redemptions/{item['id']}/cancel", {}))
    if given_back is not None:
        lapsed = f"，其中 {number(given_back['lapsed'])} 分已过有效期" if given_back["lapsed"] else ""
        mini.overlay.toast(f"已取消，{number(given_back['points'])} 积分已退回{lapsed}")
    await mini.refresh()


PAGE = Page("我的券", load, build)
