"""The members' phones: the identities of their owners, whether they follow, and their consents."""

import secrets
import sqlite3
from collections.abc import Mapping

from emulator.config import Account
from emulator.errors import ControlRefused, PlatformError
from emulator.templates import Template
from emulator.world import World


def create_phone(world: World, name: str, *, bound: bool) -> sqlite3.Row:
    """A new phone. `bound` says whether both accounts are bound to one open-platform account, which gives a unionid."""
    phone_id = secrets.token_hex(8)
    unionid = _openid() if bound else None
    number = f"199{world.database.next_number('phone_number', 1):08d}"
    world.database.run(
        "INSERT INTO phones (phone_id, name, oa_openid, miniapp_openid, unionid, phone_number)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        phone_id, name, _openid(), _openid(), unionid, number,
    )  # fmt: skip
    return phone_of(world, phone_id)


def phone_of(world: World, phone_id: str) -> sqlite3.Row:
    """The phone with this id. Raises ControlRefused 404."""
    row = world.database.one("SELECT * FROM phones WHERE phone_id = ?", phone_id)
    if row is None:
        raise ControlRefused(404, f"没有这部手机：{phone_id}")
    return row


def all_phones(world: World) -> list[sqlite3.Row]:
    """Every phone, oldest first."""
    return world.database.rows("SELECT * FROM phones ORDER BY rowid")


def phone_by_openid(world: World, account: Account, openid: object) -> sqlite3.Row:
    """The phone that has this openid at this account. Raises PlatformError 40003."""
    column = "oa_openid" if account.kind == "oa" else "miniapp_openid"
    row = None
    if isinstance(openid, str):
        row = world.database.one(f"SELECT * FROM phones WHERE {column} = ?", openid)  # noqa: S608 -- the column is one of two constants
    if row is None:
        raise PlatformError(40003)
    return row


def set_following(world: World, phone: sqlite3.Row, scene: str | None, *, numeric: bool) -> None:
    """Record that the phone follows; `scene` is of the scanned QR code, None without one."""
    world.database.run(
        "UPDATE phones SET following = 1, blocked = 0, followed_at = ?, subscribe_scene = ?, qr_scene = ?,"
        " qr_scene_str = ? WHERE phone_id = ?",
        world.epoch(),
        "ADD_SCENE_SEARCH" if scene is None else "ADD_SCENE_QR_CODE",
        int(scene) if scene is not None and numeric else 0,
        scene if scene is not None and not numeric else "",
        phone["phone_id"],
    )


def set_unfollowed(world: World, phone: sqlite3.Row) -> None:
    """Record that the phone no longer follows, and close its customer-service windows."""
    world.database.run("UPDATE phones SET following = 0 WHERE phone_id = ?", phone["phone_id"])
    world.database.run("DELETE FROM chat_windows WHERE openid = ?", phone["oa_openid"])


def set_blocked(world: World, phone: sqlite3.Row, *, blocked: bool) -> None:
    """Record whether the member blocks the account's messages, which is possible while following."""
    world.database.run("UPDATE phones SET blocked = ? WHERE phone_id = ?", int(blocked), phone["phone_id"])


def user_info(world: World, account: Account, query: Mapping[str, str]) -> dict[str, object]:
    """Answer of user/info; no nickname or picture since 2021-12-27 (WeChat docs: 获取用户基本信息)."""
    phone = phone_by_openid(world, account, query.get("openid"))
    union = {} if phone["unionid"] is None else {"unionid": phone["unionid"]}
    if not phone["following"]:
        return {"subscribe": 0, "openid": phone["oa_openid"], **union}
    return {
        "subscribe": 1,
        "openid": phone["oa_openid"],
        "language": query.get("lang", "zh_CN"),
        "subscribe_time": int(phone["followed_at"]),
        **union,
        "remark": "",
        "groupid": 0,
        "tagid_list": [],
        "subscribe_scene": phone["subscribe_scene"],
        "qr_scene": phone["qr_scene"],
        "qr_scene_str": phone["qr_scene_str"],
    }


def consents_of(world: World, phone: sqlite3.Row) -> list[dict[str, object]]:
    """Per mini-program template: how many messages are allowed, and whether the last answer was a refusal."""
    rows = world.database.rows("SELECT * FROM consents WHERE miniapp_openid = ?", phone["miniapp_openid"])
    known = {row["template_id"]: row for row in rows}
    return [_consent(template, known.get(template.template_id)) for template in _subscribable(world)]


def _subscribable(world: World) -> list[Template]:
    return [template for template in world.templates.values() if template.kind == "miniapp"]


def _consent(template: Template, row: sqlite3.Row | None) -> dict[str, object]:
    return {
        "template_id": template.template_id,
        "title": template.title,
        "left": row["left_count"] if row else 0,
        "refused": bool(row["refused"]) if row else False,
    }


def _openid() -> str:
    return "o" + secrets.token_urlsafe(21)[:27]
