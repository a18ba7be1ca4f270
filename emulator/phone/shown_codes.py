"""The QR codes on a phone's screen, and the scanner by which the other phone reads one of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from emulator.phone.elements import icons
from emulator.phone.elements.overlay import choice
from emulator.phone.elements.tags import box, drawing, text
from emulator.phone.phone_protocol import CodeKind, Invitation, Phone

INVITE_PAGE = "pages/referral/index"
"""The page to which the server's mini-program codes lead."""


@dataclass(frozen=True)
class Code:
    """A QR code on a screen: an `oa` code opens the chat, a `miniapp` code the mini-program.

    `content` is a ticket or a scene of the official account, or the path of a page of the mini-program with its scene.
    """

    kind: CodeKind
    label: str
    content: str
    is_ticket: bool = False


def open_scanner(
    phone: Phone, scanned: Callable[[Code], Awaitable[None]], closed: Callable[[], None] | None = None
) -> None:
    """Let the owner choose one of the codes that the other phone shows; `closed` is called when the scanner goes away."""
    overlay, other = phone.overlay, phone.other
    codes = codes_on(other)
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


def codes_on(phone: Phone) -> list[Code]:
    """The invitation in the mini-program if its page is open, and the newest one in the chat."""
    name = phone.owner.name
    codes = []
    shown = phone.invitation
    if shown is not None:
        codes.append(_invitation(shown, f"{name}小程序里的邀请海报"))
    ticket = next((item.ticket for item in reversed(phone.items) if item.ticket), "")
    if ticket:
        codes.append(Code("oa", f"{name}聊天里的邀请二维码", ticket, is_ticket=True))
    return codes


def _invitation(shown: Invitation, label: str) -> Code:
    scene = str(shown.referral["scene"])
    if shown.kind == "miniapp":
        return Code("miniapp", f"{label}（小程序码）", f"/{INVITE_PAGE}?scene={quote(scene)}")
    return Code("oa", f"{label}（公众号）", scene)
