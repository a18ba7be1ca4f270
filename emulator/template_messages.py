"""Template messages of the official account (WeChat docs: 模板消息接口)."""

import sqlite3
from collections.abc import Mapping

from emulator import events
from emulator.config import Account
from emulator.errors import PlatformError
from emulator.inbox import record
from emulator.phones import phone_by_openid
from emulator.push import deliver
from emulator.templates import Template
from emulator.world import World

FIRST_MSGID = 200_228_332
TEMPLATE_ID_LENGTH = 43
SAME_MESSAGE_S = 600


def send_template(world: World, account: Account, body: Mapping[str, object]) -> dict[str, object]:
    """Answer of template/send; TEMPLATESENDJOBFINISH is pushed in the background.

    Raises PlatformError 40036/40037 template, 40003, 43004 not following, 47003 values, 40013/40165 link target.
    A `client_msg_id` repeated within ten minutes gets the first msgid again, and the phone shows the message once.
    """
    template = find_template(world, account, body.get("template_id"))
    phone = phone_by_openid(world, account, body.get("touser"))
    if not phone["following"]:
        raise PlatformError(43004)
    text = template.fill(body.get("data"))
    jump = _jump(world, body)
    earlier = _sent_before(world, phone, body.get("client_msg_id"))
    if earlier is not None:
        return _accepted(earlier)
    msgid = world.database.next_number("template_msgid", FIRST_MSGID)
    _remember(world, phone, body.get("client_msg_id"), msgid)
    if not phone["blocked"]:
        shown = {"title": template.title, "template_id": template.template_id, "msgid": msgid, **jump}
        record(world, phone["phone_id"], "template", "template", f"{template.title}\n{text}", **shown)
    status = "failed:user block" if phone["blocked"] else "success"
    world.run_in_background(deliver(world, account, events.template_finished(world, phone, msgid, status)))
    return _accepted(msgid)


def list_templates(world: World) -> dict[str, object]:
    """Answer of get_all_private_template, which carries no errcode."""
    shown = ("template_id", "title", "primary_industry", "deputy_industry", "content", "example")
    ours = [template for template in world.templates.values() if template.kind == "oa"]
    return {"template_list": [{name: getattr(template, name) for name in shown} for template in ours]}


def list_subscriptions(world: World) -> dict[str, object]:
    """Answer of newtmpl/gettemplate; all of them are for one message each (type 2)."""
    ours = [template for template in world.templates.values() if template.kind == "miniapp"]
    data = [
        {
            "priTmplId": one.template_id,
            "title": one.title,
            "content": one.content,
            "example": one.example,
            "type": 2,
        }
        for one in ours
    ]
    return {"errcode": 0, "errmsg": "ok", "data": data}


def find_template(world: World, account: Account, template_id: object) -> Template:
    """The account's template. Raises PlatformError 40036 (its length, official account only) or 40037."""
    if account.kind == "oa" and (not isinstance(template_id, str) or len(template_id) != TEMPLATE_ID_LENGTH):
        raise PlatformError(40036)
    template = world.templates.get(template_id) if isinstance(template_id, str) else None
    if template is None or template.kind != account.kind or world.faults.take_removed(template_id):
        raise PlatformError(40037)
    return template


def _jump(world: World, body: Mapping[str, object]) -> dict[str, object]:
    url, target = body.get("url"), body.get("miniprogram")
    jump: dict[str, object] = {"url": url} if url else {}
    if not target:
        return jump
    if not isinstance(target, Mapping) or target.get("appid") != world.config.miniapp_app_id:
        raise PlatformError(40013)
    page = str(target.get("pagepath", ""))
    if page and page.split("?")[0] not in world.config.released_pages:
        raise PlatformError(40165)
    return {**jump, "miniprogram": {"appid": target["appid"], "pagepath": page}}


def _sent_before(world: World, phone: sqlite3.Row, client_msg_id: object) -> int | None:
    if not client_msg_id:
        return None
    row = world.database.one(
        "SELECT msgid FROM client_msg_ids WHERE openid = ? AND client_msg_id = ? AND at > ?",
        phone["oa_openid"], str(client_msg_id), world.epoch() - SAME_MESSAGE_S,
    )  # fmt: skip
    return row["msgid"] if row else None


def _remember(world: World, phone: sqlite3.Row, client_msg_id: object, msgid: int) -> None:
    if client_msg_id:
        world.database.run(
            "INSERT OR REPLACE INTO client_msg_ids VALUES (?, ?, ?, ?)",
            phone["oa_openid"], str(client_msg_id), world.epoch(), msgid,
        )  # fmt: skip


def _accepted(msgid: int) -> dict[str, object]:
    return {"errcode": 0, "errmsg": "ok", "msgid": msgid}
