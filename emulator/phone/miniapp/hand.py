"""The hand: what WeChat does when the mini-program calls it, with the sheets in which WeChat asks the phone's owner."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from emulator.phone.clients.http_call import CallFailed, Json
from emulator.phone.elements import icons
from emulator.phone.elements.overlay import choice
from emulator.phone.elements.tags import box, button, drawing, text
from emulator.phone.phone_protocol import Invitation, Phone
from emulator.phone.shown_codes import Code, open_scanner

_T = TypeVar("_T")
DECLINED: Json = {"declined": True}
_COLOUR = re.compile(r"#[0-9a-f]{6}|rgb\(\d{1,3}, \d{1,3}, \d{1,3}\)")


class Hand:
    """The hand of one phone. `path` is the page to open next; `invitation` is the code that the page says is on its screen.

    `agreed`: the owner has agreed to the mini-program's privacy guideline, which the page asks by itself. `paint` takes the colours
    of the page's head and foot, as CSS.
    """

    def __init__(self, phone: Phone, paint: Callable[[str, str], None]) -> None:
        self._phone = phone
        self._paint_edges = paint
        self.path = ""
        self.invitation: Invitation | None = None
        self.agreed = False
        self._deeds: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "login": self._login,
            "scanCode": self._scan,
            "requestPayment": self._ask_payment,
            "requestSubscribeMessage": self._ask_consents,
            "getPhoneNumber": self._ask_phone_number,
            "share": self._share,
            "showCode": self._show_code,
            "privacySetting": self._privacy,
            "agreePrivacy": self._agree,
            "paint": self._paint,
        }

    async def answer(self, what: str, args: Json) -> Json:
        """`{result}`, `{declined: true}` when the owner refused, or `{error}` with a sentence."""
        deed = self._deeds.get(what)
        if deed is None:
            return {"error": "模拟微信还不会这个"}
        try:
            return await deed(args)
        except CallFailed as failure:
            return {"error": str(failure)}

    async def _login(self, _: Json) -> Json:
        state = self._phone.page_state
        code = await state.control.login_code(self._phone.owner.phone_id)
        now = (await state.control.now()).isoformat()
        return {"result": {"code": code, "now": now, "path": self.take_path()}}

    def take_path(self) -> str:
        """The page to open next, once."""
        path, self.path = self.path, ""
        return path

    async def _show_code(self, args: Json) -> Json:
        self.invitation = Invitation(args["kind"], args["referral"]) if args.get("kind") else None
        return {"result": None}

    async def _privacy(self, _: Json) -> Json:
        return {"result": {"needAuthorization": not self.agreed}}

    async def _agree(self, _: Json) -> Json:
        self.agreed = True
        return {"result": None}

    async def _paint(self, args: Json) -> Json:
        head, foot = str(args.get("head")), str(args.get("foot"))
        if _COLOUR.fullmatch(head) and _COLOUR.fullmatch(foot):
            self._paint_edges(head, foot)
        return {"result": None}

    async def _scan(self, _: Json) -> Json:
        read: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def scanned(code: Code) -> None:
            _settle(read, code.content)
            self._phone.overlay.close()

        open_scanner(self._phone, scanned, lambda: _settle(read, ""))
        content = await read
        return {"result": content} if content else DECLINED

    async def _ask_payment(self, _: Json) -> Json:
        agreed = await self._consent("付款", ["这里是演示，不会扣钱"], "payment")
        return {"result": None} if agreed else DECLINED

    async def _ask_phone_number(self, _: Json) -> Json:
        control, phone_id = self._phone.page_state.control, self._phone.owner.phone_id
        number = await control.phone_number(phone_id)
        if not await self._consent("获取你的手机号", [number], "phone-number"):
            return DECLINED
        return {"result": await control.phone_number_code(phone_id)}

    async def _ask_consents(self, args: Json) -> Json:
        control, phone_id = self._phone.page_state.control, self._phone.owner.phone_id
        wanted = [str(template) for template in args["templates"]]
        known = {str(one["template_id"]): str(one["title"]) for one in await control.consents(phone_id)}
        asked = [template for template in wanted if template in known]
        agreed = bool(asked) and await self._consent(
            "发送一次以下消息", [known[template] for template in asked], "subscribe"
        )
        for template in asked:
            await control.act(phone_id, "subscribe", {"template_id": template, "accept": agreed})
        answers = dict.fromkeys(asked, "accept" if agreed else "reject")
        return {"result": {template: answers.get(template, "ban") for template in wanted}}

    async def _share(self, args: Json) -> Json:
        other, path = self._phone.other, str(args["path"])
        sent: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        overlay = self._phone.overlay
        with overlay.sheet("发送给朋友", "share-sheet", closed=lambda: _settle(sent, False)):
            text(str(args["title"]), "sheet-text")
            choice(other.owner.name, lambda: self._settle_and_close(sent, True), "share-other")
            choice("取消", overlay.close, classes="is-last")
        if not await sent:
            return DECLINED
        await other.open_page(path)
        return {"result": None}

    async def _consent(self, title: str, lines: list[str], name: str) -> bool:
        """Whether the owner allows it, in WeChat's sheet."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        overlay = self._phone.overlay
        with overlay.sheet(test_id=f"{name}-sheet", name=title, closed=lambda: _settle(answer, False)):
            with box("consent-head"):
                drawing(icons.CUP, "consent-logo")
                text(f"{self._phone.page_state.brand} 申请", "consent-brand")
            text(title, "panel-title is-left")
            for line in lines:
                with box("consent-line"):
                    drawing(icons.CHECK, "consent-check")
                    text(line, "consent-title")
            with box("consent-buttons"):
                button("拒绝", "consent-no", partial(self._settle_and_close, answer, False), f"{name}-reject")
                button("允许", "consent-yes", partial(self._settle_and_close, answer, True), f"{name}-accept")
        return await answer

    def _settle_and_close(self, answer: "asyncio.Future[bool]", value: bool) -> None:
        _settle(answer, value)
        self._phone.overlay.close()


def _settle(answer: "asyncio.Future[_T]", value: _T) -> None:
    if not answer.done():
        answer.set_result(value)
