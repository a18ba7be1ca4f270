"""QR codes: parametric codes of the official account, unlimited codes of the mini-program.

Source: WeChat docs, 生成带参数的二维码 and 获取不限制的小程序码.
"""

import io
import re
import secrets
import sqlite3
from collections.abc import Mapping
from urllib.parse import urlencode

import qrcode
from qrcode.image.pil import PilImage

from emulator.config import Account
from emulator.errors import ControlRefused, PlatformError
from emulator.world import World

DEFAULT_EXPIRE_S = 60
LONGEST_EXPIRE_S = 2_592_000
DEFAULT_WIDTH = 430
_TEMPORARY = {"QR_SCENE": True, "QR_STR_SCENE": False}
_PERMANENT = {"QR_LIMIT_SCENE": True, "QR_LIMIT_STR_SCENE": False}
_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")


def create_ticket(world: World, _account: Account, body: Mapping[str, object]) -> dict[str, object]:
    """Answer of qrcode/create. Raises PlatformError 40053, and 45029 when the account has no permanent code left.

    A body without the inner `scene` object gets scene 0 instead of an error, as on the platform.
    """
    action = body.get("action_name")
    permanent = action in _PERMANENT
    numeric = {**_TEMPORARY, **_PERMANENT}.get(str(action))
    info = body.get("action_info")
    if numeric is None or not isinstance(info, Mapping):
        raise PlatformError(40053)
    scene = _scene(info["scene"], numeric=numeric, permanent=permanent) if "scene" in info else "0"
    expire_s = None if permanent else _expire(body.get("expire_seconds", DEFAULT_EXPIRE_S))
    if permanent:
        _check_room(world, scene)
    return _store(world, scene, numeric=numeric, expire_s=expire_s)


def ticket_picture(world: World, query: Mapping[str, str]) -> bytes | None:
    """The JPEG of showqrcode, or None for an unknown ticket."""
    row = world.database.one("SELECT url FROM tickets WHERE ticket = ?", query.get("ticket"))
    return None if row is None else picture(row["url"], DEFAULT_WIDTH)


def scanned(world: World, scene: str | None, ticket: str | None) -> tuple[str, str, bool]:
    """The content of a scanned code: (scene, ticket, whether the scene is a number). An unknown scene gets a new ticket.

    Raises ControlRefused 404 for an unknown ticket and 409 for an expired one.
    """
    if ticket is not None:
        row = world.database.one("SELECT * FROM tickets WHERE ticket = ?", ticket)
        if row is None:
            raise ControlRefused(404, "没有这张二维码")
        if row["expires_at"] is not None and world.epoch() >= row["expires_at"]:
            raise ControlRefused(409, "二维码已过期")
        return row["scene"], ticket, bool(row["numeric"])
    printed = scene or ""
    found: sqlite3.Row | None = world.database.one(
        "SELECT * FROM tickets WHERE scene = ? AND (expires_at IS NULL OR expires_at > ?)"
        " ORDER BY rowid DESC",
        printed, world.epoch(),
    )  # fmt: skip
    if found is not None:
        return printed, found["ticket"], bool(found["numeric"])
    return printed, _new_ticket(), False


def miniapp_code(world: World, account: Account, body: Mapping[str, object]) -> bytes:
    """The JPEG of getwxacodeunlimit. Raises PlatformError 40169 scene, 41030 page, 40097 other arguments."""
    scene = body.get("scene")
    if not isinstance(scene, str) or _SCENE.fullmatch(scene) is None:
        raise PlatformError(40169)
    page = body.get("page", world.config.released_pages[0])
    check_path = body.get("check_path", True)
    if not isinstance(page, str) or page.startswith("/") or "?" in page:
        raise PlatformError(41030)
    if check_path and page not in world.config.released_pages:
        raise PlatformError(41030)
    width = body.get("width", DEFAULT_WIDTH)
    env = body.get("env_version", "release")
    if type(width) is not int or not 280 <= width <= 1280 or env not in ("release", "trial", "develop"):
        raise PlatformError(40097)
    query = urlencode({"appid": account.app_id, "page": page, "scene": scene})
    return picture(f"https://wxaurl.cn/open?{query}", width)


def picture(text: str, width: int) -> bytes:
    """The QR code of `text` as a square JPEG, `width` pixels wide."""
    code = qrcode.QRCode(border=2)
    code.add_data(text)
    image = code.make_image(image_factory=PilImage).get_image().convert("L").resize((width, width))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _scene(given: object, *, numeric: bool, permanent: bool) -> str:
    if not isinstance(given, Mapping):
        raise PlatformError(40053)
    if numeric:
        number = given.get("scene_id")
        if type(number) is not int or not 1 <= number <= (100_000 if permanent else 2**32 - 1):
            raise PlatformError(40053)
        return str(number)
    words = given.get("scene_str")
    if not isinstance(words, str) or not 1 <= len(words) <= 64:
        raise PlatformError(40053)
    return words


def _expire(seconds: object) -> int:
    if type(seconds) is not int or not 1 <= seconds <= LONGEST_EXPIRE_S:
        raise PlatformError(40053)
    return seconds


def _check_room(world: World, scene: str) -> None:
    row = world.database.one(
        "SELECT count(DISTINCT scene) AS codes, max(scene = ?) AS known FROM tickets WHERE permanent = 1",
        scene,
    )
    if row is not None and not row["known"] and row["codes"] >= world.config.permanent_qrcode_limit:
        raise PlatformError(45029)


def _store(world: World, scene: str, *, numeric: bool, expire_s: int | None) -> dict[str, object]:
    ticket = _new_ticket()
    url = "http://weixin.qq.com/q/02" + secrets.token_urlsafe(18)
    expires_at = None if expire_s is None else world.epoch() + expire_s
    world.database.run(
        "INSERT INTO tickets VALUES (?, ?, ?, ?, ?, ?)",
        ticket, scene, int(numeric), int(expire_s is None), expires_at, url,
    )  # fmt: skip
    life = {} if expire_s is None else {"expire_seconds": expire_s}
    return {"ticket": ticket, **life, "url": url}


def _new_ticket() -> str:
    return "gQ" + secrets.token_urlsafe(67) + "=="
