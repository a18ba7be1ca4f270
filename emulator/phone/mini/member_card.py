"""The member's card: name, tier, balance, the points that expire next, and the growth up to the next tier."""

from datetime import date

from nicegui import ui

from emulator.phone.clients.http_call import Json
from emulator.phone.elements import icons
from emulator.phone.elements.formats import last_day_text, number
from emulator.phone.elements.tags import box, button, drawing, on_press, text
from emulator.phone.mini.screen import Mini


def member_card(mini: Mini, me: Json) -> None:
    """Draw the card from `GET /me`."""
    with box("member-card", "member-card"):
        with box("member-top"):
            _name(mini, me)
            text(str(me["tier"]["name"]), "tier-badge", "tier")
        with box("member-balance"):
            text(number(me["balance"]), "balance", "balance")
            text("积分", "balance-unit")
        _notes(me)
        _next_tier(me)


def _name(mini: Mini, me: Json) -> None:
    with box("member-name", "btn-nickname") as name:
        text(str(me["nickname"] or "微信用户"), "member-nickname", "nickname")
        drawing(icons.PEN, "member-pen")
    on_press(name, lambda: edit_nickname(mini, str(me["nickname"] or "")))


def _notes(me: Json) -> None:
    notes = []
    if me["pending"]:
        notes.append(f"待到账 {number(me['pending'])}{_opens(me)}")
    if me["debt"]:
        notes.append(f"待补扣 {number(me['debt'])}")
    if me["expiring"]:
        soonest = me["expiring"][0]
        notes.append(f"{number(soonest['points'])} 积分可用至 {last_day_text(soonest['expires_on'])}")
    text(" · ".join(notes) or "签到、抽奖、邀请好友都能攒积分", "member-aside", "expiring")


def _opens(me: Json) -> str:
    """When the first of the pending points can be spent."""
    if not me.get("opening"):
        return ""
    first = date.fromisoformat(me["opening"][0]["opens_on"])
    return f"（{first.month}月{first.day}日起）"


def _next_tier(me: Json) -> None:
    following = me["next_tier"]
    growth, ahead = int(me["growth"]), int(me["points_to_next_tier"] or 0)
    share = 100 if not following else round(100 * growth / max(1, growth + ahead))
    with box("way-up"):
        box("way-done").style(f"width: {share}%")
    with box("way-words"):
        text(f"成长值 {number(growth)}")
        text(f"再攒 {number(ahead)} 升{following['name']}" if following else "已是最高等级")


def edit_nickname(mini: Mini, nickname: str) -> None:
    """Open a sheet with a field for a new nickname."""
    with mini.overlay.sheet("修改昵称", "nickname-sheet"):
        with box("newcomer"):
            field = ui.input(value=nickname, placeholder="想让大家怎么称呼你").props(
                'borderless dense autocomplete="off" maxlength="20" data-testid="nickname-input" aria-label="昵称"'
            )

            async def save() -> None:
                chosen = str(field.value or "").strip()
                if await mini.overlay.attempt(mini.api.put("/me/profile", {"nickname": chosen})) is not None:
                    mini.overlay.close()
                    mini.overlay.toast("昵称已更新")
                    await mini.refresh()

            field.on("keydown.enter", save)
            button("保存", "send-button", save, "nickname-save")
        button("取消", "choice is-last", mini.overlay.close)
