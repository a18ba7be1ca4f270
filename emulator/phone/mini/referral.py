"""邀请好友: the poster with the member's QR code, and the results of the invitations."""

from functools import partial
from typing import Any

from emulator.phone.clients.http_call import Json
from emulator.phone.clients.member_api import MemberApi
from emulator.phone.elements.formats import number
from emulator.phone.elements.tags import box, button, picture, text
from emulator.phone.mini.screen import Mini, Page
from emulator.phone.phone_protocol import CodeKind, Invitation

_KINDS: tuple[tuple[CodeKind, str], ...] = (("oa", "公众号码"), ("miniapp", "小程序码"))


async def load(api: MemberApi, mini: Mini) -> tuple[Json, CodeKind, str]:
    """The answer of `GET /referral`, the chosen kind of QR code, and the poster as a data URL."""
    kind: CodeKind = mini.invitation.kind if mini.invitation else "oa"
    referral = await api.get("/referral")
    poster = await api.picture("/referral/poster.png", kind=kind)
    mini.invitation = Invitation(kind, referral)
    return referral, kind, poster


def build(mini: Mini, data: Any) -> None:
    """Draw the page."""
    referral, kind, poster = data
    with box("card invite-facts"):
        for test_id, label, value in (
            ("invited", "已邀请", referral["invited"]),
            ("qualified", "已首签", referral["qualified"]),
            ("earned", "获得积分", referral["earned_points"]),
        ):
            with box("invite-fact"):
                text(number(value), "invite-number", f"referral-{test_id}")
                text(label, "card-note")
    with box("poster-card"):
        with box("segment"):
            for name, label in _KINDS:
                classes = "segment-part" + (" is-active" if name == kind else "")
                button(label, classes, partial(_choose, mini, name), f"poster-{name}")
        picture(poster, "poster", "邀请海报").props('data-testid="poster"')
        text("请好友用微信扫一扫。在这里：用另一部手机的「扫一扫」。", "card-note")
        if not referral["enabled"]:
            text("邀请奖励暂未开启，现在的邀请只作记录。", "card-note")
    _ladder(referral)


def _ladder(referral: Json) -> None:
    if not referral["ladder"]:
        return
    with box("card"):
        text("邀请奖励", "card-title")
        for step in referral["ladder"]:
            with box("odds-row"):
                text(f"邀满 {step['qualified']} 人", "odds-name")
                text(f"另加 {number(step['bonus'])} 积分", "odds-value")


async def _choose(mini: Mini, kind: CodeKind) -> None:
    if mini.invitation is not None:
        mini.invitation = Invitation(kind, mini.invitation.referral)
    await mini.refresh()


PAGE = Page("邀请好友", load, build)
