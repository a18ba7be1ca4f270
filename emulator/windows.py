"""When and how often customer-service messages may be sent (WeChat docs: 客服消息, 下发条件说明)."""

from typing import Literal

from emulator.errors import PlatformError
from emulator.world import World

Trigger = Literal["message", "follow", "scan", "click"]
_ALLOWS: dict[Trigger, tuple[int, int]] = {
    "message": (48 * 3600, 5),
    "follow": (60, 3),
    "scan": (60, 3),
    "click": (60, 3),
}


def open_window(world: World, openid: str, trigger: Trigger) -> None:
    """Open or renew the window of this trigger: `_ALLOWS` has its seconds and its number of messages."""
    duration_s, count = _ALLOWS[trigger]
    world.database.run(
        "INSERT INTO chat_windows VALUES (?, ?, ?, ?) ON CONFLICT (openid, kind) DO UPDATE"
        " SET closes_at = excluded.closes_at, left_count = excluded.left_count",
        openid, trigger, world.epoch() + duration_s, count,
    )  # fmt: skip


def use_window(world: World, openid: str) -> None:
    """Use one message of the window that closes first. Raises PlatformError 45015 (no open window), 45047 (no message left)."""
    open_now = world.database.rows(
        "SELECT kind, left_count FROM chat_windows WHERE openid = ? AND closes_at > ? ORDER BY closes_at",
        openid, world.epoch(),
    )  # fmt: skip
    if not open_now:
        raise PlatformError(45015)
    usable = [row["kind"] for row in open_now if row["left_count"] > 0]
    if not usable:
        raise PlatformError(45047)
    world.database.run(
        "UPDATE chat_windows SET left_count = left_count - 1 WHERE openid = ? AND kind = ?", openid, usable[0]
    )
