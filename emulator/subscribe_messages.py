"""Subscription messages of the mini-program: one message per consent (WeChat docs: 小程序订阅消息).

The emulator pushes subscribe_msg_popup_event for every answer of the member (accept or reject), and
subscribe_msg_sent_event for every delivered message. Both come from the mini-program: its gh_ id and openid, its AppID
in the envelope. Token and EncodingAESKey are those of the official account.
"""

import sqlite3
from collections.abc import Mapping

from emulator import events
from emulator.config import Account
from emulator.errors import ControlRefused, PlatformError
from emulator.inbox import record
from emulator.phones import phone_by_openid
from emulator.push import deliver
from emulator.template_messages import find_template
from emulator.world import World

FIRST_MSGID = 2_379_000_000_000_000_001
_STATES = ("formal", "trial", "developer")


def answer_request(world: World, phone: sqlite3.Row, template_id: str, *, accept: bool) -> None:
    """Record the answer to `wx.requestSubscribeMessage` and push it. A refusal also withdraws earlier consents.

    Raises ControlRefused 404 for a template the mini-program does not have.
    """
    template = world.templates.get(template_id)
    if template is None or template.kind != "miniapp":
        raise ControlRefused(404, "小程序没有这个订阅消息模板")
    world.database.run(
        "INSERT INTO consents VALUES (?, ?, ?, ?) ON CONFLICT (miniapp_openid, template_id) DO UPDATE SET"
        " refused = excluded.refused, left_count = CASE WHEN excluded.refused THEN 0 ELSE left_count + 1 END",
        phone["miniapp_openid"], template_id, int(accept), int(not accept),
    )  # fmt: skip
    event = events.consent_answered(world, phone, template_id, accept=accept)
    world.run_in_background(deliver(world, world.config.miniapp, event))


def send_subscription(world: World, account: Account, body: Mapping[str, object]) -> dict[str, object]:
    """Answer of subscribe/send. Raises PlatformError 40037, 40003, 41030, 47003, 43101 (no consent)."""
    template = find_template(world, account, body.get("template_id"))
    phone = phone_by_openid(world, account, body.get("touser"))
    page = body.get("page", "")
    if not isinstance(page, str) or (page and page.split("?")[0] not in world.config.released_pages):
        raise PlatformError(41030)
    if body.get("miniprogram_state", "formal") not in _STATES:
        raise PlatformError(47003, "miniprogram_state invalid")
    text = template.fill(body.get("data"))
    _use_consent(world, phone, template.template_id)
    msgid = world.database.next_number("subscribe_msgid", FIRST_MSGID)
    shown = {"title": template.title, "template_id": template.template_id, "msgid": msgid, "page": page}
    record(world, phone["phone_id"], "subscribe", "subscribe", f"{template.title}\n{text}", **shown)
    world.run_in_background(
        deliver(world, account, events.subscription_sent(world, phone, template.template_id, msgid))
    )
    return {"errcode": 0, "errmsg": "ok", "msgid": msgid}


def _use_consent(world: World, phone: sqlite3.Row, template_id: str) -> None:
    used = world.database.run(
        "UPDATE consents SET left_count = left_count - 1"
        " WHERE miniapp_openid = ? AND template_id = ? AND left_count > 0 AND NOT refused",
        phone["miniapp_openid"], template_id,
    )  # fmt: skip
    if not used:
        raise PlatformError(43101)
