"""The chat with the official account: its items, the input field, the menu."""

from datetime import date, datetime, timedelta

from nicegui import ui
from nicegui.element import Element

from emulator.phone.chat import scanner
from emulator.phone.chat.bubbles import ChatActions, account_avatar, draw_item, draw_waiting
from emulator.phone.chat.menu_bar import MenuBar
from emulator.phone.clients.http_call import Json
from emulator.phone.clients.inbox import Item
from emulator.phone.elements import icons
from emulator.phone.elements.formats import chat_time_text, initial, local
from emulator.phone.elements.overlay import choice
from emulator.phone.elements.tags import box, button, drawing, on_press, picture, text
from emulator.phone.phone_protocol import Phone

_PAUSE = timedelta(minutes=5)


class Chat:
    """One owner's chat. `update` draws new items and leaves drawn ones alone."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._actions = ChatActions(self.say, self.enlarge, phone.open_page)
        self._drawn: list[Item] = []
        self._drawn_on: date | None = None
        self._waiting: list[Element] = []
        self._header()
        with self._log(), box("chat-inner"):
            self._profile = self._draw_profile()
            self._items = box("chat-items")
        with box("chat-foot") as self._foot:
            self._input_row()
            self._menu = MenuBar(self._tap)
        with box("chat-foot is-follow") as self._follow_foot:
            button("关注公众号", "follow-button", self.follow, "btn-follow")
        self._show_foot(phone.owner.following)

    def update(self, items: list[Item], menu: list[Json], now: datetime) -> None:
        """Draw new items and a changed menu; a new day redraws all items, because their times are relative to it."""
        self._menu.show(menu)
        following = self._phone.owner.following
        self._show_foot(following)
        self._profile.set_visibility(not items and not following)
        today = local(now).date()
        if today != self._drawn_on or items[: len(self._drawn)] != self._drawn:
            self._items.clear()
            self._drawn = []
            self._drawn_on = today
        fresh = items[len(self._drawn) :]
        if fresh:
            self._drop_waiting()
            with self._items:
                self._draw(fresh, now)

    async def follow(self) -> None:
        """Follow the account."""
        await self._do("follow")

    async def say(self, content: str) -> None:
        """Send `content` and wait for the account's answer."""
        with self._items:
            self._waiting.append(draw_waiting(content, initial(self._phone.owner.name)))
        await self._do("say", {"text": content})

    def enlarge(self, source: str) -> None:
        """Show a picture of the chat in a dialog."""
        with self._phone.overlay.dialog(test_id="picture", name="图片"):
            picture(source, "big-picture", "图片")
            button("关闭", "dialog-only", self._phone.overlay.close)

    def _show_foot(self, following: bool) -> None:
        """The field and the menu for who follows; a button to follow for others."""
        self._foot.set_visibility(following)
        self._follow_foot.set_visibility(not following)

    def _draw(self, fresh: list[Item], now: datetime) -> None:
        before = self._drawn[-1].at if self._drawn else None
        for item in fresh:
            if before is None or item.at - before > _PAUSE:
                text(chat_time_text(item.at, now), "chat-time")
            draw_item(item, initial(self._phone.owner.name), self._actions)
            before = item.at
        self._drawn = self._drawn + fresh

    def _drop_waiting(self) -> None:
        for line in self._waiting:
            if not line.is_deleted:
                line.delete()
        self._waiting = []

    async def _do(self, action: str, body: Json | None = None) -> None:
        phone = self._phone
        await phone.overlay.attempt(phone.page_state.control.act(phone.owner.phone_id, action, body))
        self._drop_waiting()
        await phone.refresh()

    async def _tap(self, button: Json) -> None:
        if button.get("type") == "miniprogram":
            await self._phone.open_page(str(button.get("pagepath", "")))
        elif button.get("type") == "view":
            ui.navigate.to(str(button["url"]), new_tab=True)
        else:
            await self._do("tap", {"key": str(button["key"])})

    def _log(self) -> Element:
        log = box("chat-scroll", "chat-log", "chat-log").on("click", self._fold_menu)
        log.props.update(
            {"role": "log", "aria-label": f"和{self._phone.page_state.brand}的聊天", "tabindex": "0"}
        )
        return log

    def _fold_menu(self) -> None:
        self._menu.close()

    def _header(self) -> None:
        with box("nav chat-nav"):
            with box("nav-side"):
                on_press(
                    drawing(icons.SCAN, "nav-icon").props('data-testid="btn-scan"'), self._scan, "扫一扫"
                )
            text(self._phone.page_state.brand, "nav-title")
            with box("nav-side is-right"):
                on_press(drawing(icons.MORE, "nav-icon").props('data-testid="btn-more"'), self._more, "更多")

    def _input_row(self) -> None:
        with box("input-row"):
            field = ui.input(placeholder="说点什么，比如：签到").props(
                'borderless dense autocomplete="off" maxlength="600" data-testid="chat-input" aria-label="消息"'
            )
            field.classes("chat-input")

            async def send() -> None:
                content = str(field.value or "").strip()
                if content:
                    field.value = ""
                    await self.say(content)

            field.on("keydown.enter", send)
            button("发送", "send-button", send, "chat-send")

    def _draw_profile(self) -> Element:
        with box("profile", "oa-profile") as profile:
            account_avatar()
            text(self._phone.page_state.brand, "profile-name")
            text("一杯好咖啡，值得被记住。关注后发送「签到」「积分」「抽奖」试试。", "profile-text")
        return profile

    def _scan(self) -> None:
        scanner.open_scanner(self._phone)

    def _more(self) -> None:
        overlay = self._phone.overlay
        with overlay.sheet(self._phone.page_state.brand):
            choice("扫一扫", self._scan, "choice-scan")
            if self._phone.owner.following:
                choice("取消关注", self._unfollow, "btn-unfollow", "is-warning")
            else:
                choice("关注公众号", self._follow_from_sheet)
            choice("取消", overlay.close, classes="is-last")

    async def _unfollow(self) -> None:
        self._phone.overlay.close()
        await self._do("unfollow")

    async def _follow_from_sheet(self) -> None:
        self._phone.overlay.close()
        await self.follow()
