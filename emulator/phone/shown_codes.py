"""The QR codes on a phone's screen, and the scanner by which the other phone reads one of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from emulator.phone.clients.http_call import Json
from emulator.phone.elements import icons
from emulator.phone.elements.overlay import choice
from emulator.phone.elements.tags import box, drawing, text
from emulator.phone.phone_protocol import CodeKind, Phone


@dataclass(frozen=True)
class Code:
    """A QR code on a screen: an `oa` code opens the chat, a `miniapp` code the mini-program.

    `content` is a ticket or a scene of the official account, or an invitation code of the mini-program.
    """

    kind: CodeKind
    label: str
    content: str
    is_ticket: bool = False


async def open_scanner(
    phone: Phone, scanned: Callable[[Code], Awaitable[None]], closed: Callable[[], None] | None = None
) -> None:
    """Let the owner choose one of the codes that the other phone shows; `closed` is called when the scanner goes away."""
    overlay, other = phone.overlay, phone.other
    codes = await overlay.attempt(codes_on(other)) or []
    with overlay.sheet("扫一扫", "scanner", closed=closed):
        with box("scan-view"):
            drawing(icons.SCAN)
            text(
                f"对准{other.owner.name}的手机" if codes else f"{other.owner.name}的手机上还没有二维码",
                "scan-text",
            )
        if not codes:
            text(f"请让{other.owner.name}给公众号发送「邀请」，或打开小程序里的「邀请好友」。", "scan-hint")
        for place, code in enumerate(codes):
            choice(code.label, partial(scanned, code), f"scan-{place}")
        choice("取消", overlay.close, classes="is-last")


async def codes_on(phone: Phone) -> list[Code]:
    """The invitation in the mini-program if its page is open, and the newest one in the chat. Raises CallFailed."""
    name = phone.owner.name
    codes = []
    shown = phone.invitation
    if shown is not None:
        codes.append(_invitation(shown.kind, shown.referral, f"{name}小程序里的邀请海报"))
    newest = next((item for item in reversed(phone.items) if item.picture and not item.mine), None)
    if newest is not None and newest.ticket:
        codes.append(Code("oa", f"{name}聊天里的邀请二维码", newest.ticket, is_ticket=True))
    elif newest is not None:
        referral = await phone.api.get("/referral")
        codes.append(_invitation("oa", referral, f"{name}聊天里的邀请二维码"))
    return codes


def _invitation(kind: CodeKind, referral: Json, label: str) -> Code:
    if kind == "miniapp":
        return Code("miniapp", f"{label}（小程序码）", str(referral["code"]))
    return Code("oa", f"{label}（公众号）", str(referral["scene"]))
