"""One-time codes of the mini-program: `wx.login` and the phone-number button.

Source: WeChat docs, 小程序登录 (jscode2session) and 获取手机号 (getuserphonenumber).
"""

import base64
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Literal

from emulator.config import Account
from emulator.errors import PlatformError
from emulator.phones import phone_by_openid
from emulator.quotas import LOGINS_PER_MINUTE, count_minute
from emulator.world import World

LIFETIME_S = 300
Purpose = Literal["login", "phone_number"]


def issue_code(world: World, phone_id: str, purpose: Purpose) -> str:
    """A new code, valid once and for five minutes."""
    code = "0" + secrets.token_urlsafe(24)[:31]
    world.database.run("DELETE FROM codes WHERE expires_at < ?", world.epoch() - 10 * LIFETIME_S)
    world.database.run(
        "INSERT INTO codes (code, purpose, phone_id, expires_at) VALUES (?, ?, ?, ?)",
        code, purpose, phone_id, world.epoch() + LIFETIME_S,
    )  # fmt: skip
    return code


def exchange_login(world: World, account: Account, query: Mapping[str, object]) -> dict[str, object]:
    """Answer of jscode2session, which carries no errcode. Raises PlatformError 41008, 40029, 40163, 45011."""
    if account.kind != "miniapp":
        raise PlatformError(40013)
    code = query.get("js_code")
    if not code:
        raise PlatformError(41008)
    phone = _use(world, code, "login")
    count_minute(world, account, f"login:{phone['phone_id']}", LOGINS_PER_MINUTE)
    session_key = base64.b64encode(secrets.token_bytes(16)).decode()
    world.database.run("UPDATE phones SET session_key = ? WHERE phone_id = ?", session_key, phone["phone_id"])
    world.database.run("INSERT OR REPLACE INTO visits VALUES (?, ?)", phone["phone_id"], world.epoch())
    union = {} if phone["unionid"] is None else {"unionid": phone["unionid"]}
    return {"session_key": session_key, "openid": phone["miniapp_openid"], **union}


def exchange_phone_number(world: World, account: Account, body: Mapping[str, object]) -> dict[str, object]:
    """Answer of getuserphonenumber. Raises PlatformError 40029, 40163, 40003 (`openid` belongs to another member)."""
    phone = _use(world, body.get("code"), "phone_number")
    if "openid" in body and phone_by_openid(world, account, body["openid"])["phone_id"] != phone["phone_id"]:
        raise PlatformError(40003)
    number = phone["phone_number"]
    watermark = {"timestamp": int(world.epoch()), "appid": account.app_id}
    info = {"phoneNumber": number, "purePhoneNumber": number, "countryCode": "86", "watermark": watermark}
    return {"errcode": 0, "errmsg": "ok", "phone_info": info}


def _use(world: World, code: object, purpose: Purpose) -> sqlite3.Row:
    row = None
    if isinstance(code, str):
        row = world.database.one(
            "SELECT codes.used, codes.expires_at, phones.* FROM codes JOIN phones USING (phone_id)"
            " WHERE code = ? AND purpose = ?",
            code, purpose,
        )  # fmt: skip
    if row is None or (not row["used"] and world.epoch() >= row["expires_at"]):
        raise PlatformError(40029)
    if row["used"]:
        raise PlatformError(40163)
    world.database.run("UPDATE codes SET used = 1 WHERE code = ?", code)
    return row
