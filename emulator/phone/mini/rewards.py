"""积分兑换: the rewards, and the question before one is redeemed."""

from typing import Any

from emulator.phone.clients.http_call import Json
from emulator.phone.clients.member_api import MemberApi
from emulator.phone.elements import icons
from emulator.phone.elements.formats import number
from emulator.phone.elements.tags import box, button, drawing, on_press, text
from emulator.phone.mini.redemptions import show_voucher
from emulator.phone.mini.screen import Mini, Page, empty


async def load(api: MemberApi, mini: Mini) -> tuple[Json, list[Json]]:
    """The member and the rewards."""
    return await api.get("/me"), await api.get_all("/rewards")


def build(mini: Mini, data: Any) -> None:
    """Draw the list."""
    me, rewards = data
    with box("shelf-head"):
        with box("shelf-balance"):
            text(number(me["balance"]), "balance")
            text("可用积分", "card-note")
        my_vouchers = text("我的券 ›", "shelf-link", "go-redemptions")
    on_press(my_vouchers, lambda: mini.open("redemptions"))
    for reward in rewards:
        _reward(mini, reward)
    if not rewards:
        empty("还没有可兑换的礼品，敬请期待")


def _reward(mini: Mini, reward: Json) -> None:
    with box("card reward", "reward"):
        with box("reward-tile"):
            drawing(icons.CUP)
        with box("reward-main"):
            text(str(reward["name"]), "reward-name")
            text(_stock(reward), "item-note")
            with box("reward-price"):
                text(number(reward["price_points"]), "price")
                text("积分" + _cash(reward), "card-note")
        if reward["eligible"]:
            button("兑换", "pill-button is-small", lambda: _ask(mini, reward), "btn-redeem")
        else:
            text(str(reward["reason"] or "暂不可兑"), "reward-reason", "reward-reason")


def _stock(reward: Json) -> str:
    left = reward.get("stock_left")
    if left is None:
        return "库存充足"
    return f"剩 {number(left)} 份" if left else "已兑完"


def _cash(reward: Json) -> str:
    fen = reward.get("price_fen") or 0
    return f" + ¥{fen / 100:.2f}" if fen else ""


def _ask(mini: Mini, reward: Json) -> None:
    terms = f"\n{reward['terms']}" if reward.get("terms") else ""
    price = number(reward["price_points"])
    message = f"用 {price} 积分兑换「{reward['name']}」？兑换后{_cancel(reward)}。{terms}"
    mini.overlay.ask("确认兑换", message, "兑换", lambda: _redeem(mini, reward), "redeem-confirm")


def _cancel(reward: Json) -> str:
    hours = reward["cancel_hours"]
    return f" {hours} 小时内没用的话可以取消" if hours else "不能取消"


async def _redeem(mini: Mini, reward: Json) -> None:
    shown = {"price_points": reward["price_points"], "price_fen": reward["price_fen"]}
    body = {"reward_id": reward["id"], "quantity": 1} | shown
    redemption = await mini.overlay.attempt(mini.api.post_idempotent("/redemptions", body))
    await mini.refresh()
    if redemption is None:
        return
    if redemption.get("voucher"):
        await show_voucher(mini, f"兑换成功 · {reward['name']}", str(redemption["voucher"]))
    else:
        mini.overlay.toast("兑换成功")


PAGE = Page("积分兑换", load, build)
