"""How often an account may call each path (WeChat docs: 接口调用频次限制说明)."""

from dataclasses import dataclass

from emulator.config import Account
from emulator.errors import PlatformError
from emulator.world import World

CLEARS_PER_MONTH = 10
LOGINS_PER_MINUTE = 100


@dataclass(frozen=True)
class Limit:
    """Calls per day and per minute; None is unlimited. `minute_errcode` is the refusal past the limit per minute."""

    per_day: int | None = None
    per_minute: int | None = None
    minute_errcode: int = 45011


LIMITS: dict[str, Limit] = {
    "/cgi-bin/token": Limit(per_day=2_000),
    "/cgi-bin/stable_token": Limit(per_day=500_000, per_minute=10_000),
    "/cgi-bin/qrcode/create": Limit(per_day=100_000),
    "/cgi-bin/user/info": Limit(per_day=5_000_000),
    "/cgi-bin/menu/create": Limit(per_day=1_000),
    "/cgi-bin/menu/get": Limit(per_day=10_000),
    "/cgi-bin/menu/delete": Limit(per_day=1_000),
    "/cgi-bin/message/template/send": Limit(per_day=100_000),
    "/cgi-bin/message/custom/send": Limit(per_day=500_000),
    "/cgi-bin/message/subscribe/send": Limit(per_day=10_000_000),
    "/wxa/msg_sec_check": Limit(per_day=2_000_000, per_minute=4_000),
    "/wxa/getwxacodeunlimit": Limit(per_minute=5_000, minute_errcode=45009),
}


def count_call(world: World, account: Account, path: str) -> None:
    """Count one call of the account. Raises PlatformError 45009 (day) or 45011 (minute) past the limit."""
    limit = LIMITS.get(path, Limit())
    per_day = world.config.daily_limits.get(path, limit.per_day)
    if per_day is not None and _count(world, account.app_id, path, "day", world.day()) > per_day:
        raise PlatformError(45009)
    if limit.per_minute is not None:
        count_minute(world, account, path, limit.per_minute, limit.minute_errcode)


def count_minute(world: World, account: Account, what: str, allowed: int, errcode: int = 45011) -> None:
    """Count one use of `what` in this minute. Raises PlatformError past `allowed`."""
    if _count(world, account.app_id, what, "minute", str(int(world.epoch() // 60))) > allowed:
        raise PlatformError(errcode)


def clear_quota(world: World, account: Account, body: dict[str, object]) -> dict[str, object]:
    """Reset the counts of today, at most ten times per month. Raises PlatformError 40013, 48006."""
    if body.get("appid") != account.app_id:
        raise PlatformError(40013)
    month = world.day()[:7]
    if _count(world, account.app_id, "clear_quota", "month", month) > CLEARS_PER_MONTH:
        raise PlatformError(48006)
    world.database.run("DELETE FROM usage WHERE app_id = ? AND unit = 'day'", account.app_id)
    return {"errcode": 0, "errmsg": "ok"}


def quota_left(world: World, account: Account, body: dict[str, object]) -> dict[str, object]:
    """Answer of openapi/quota/get: today's limit and calls of a path. Raises PlatformError 76021 for one without a limit."""
    path = str(body.get("cgi_path"))
    limit = world.config.daily_limits.get(path, LIMITS.get(path, Limit()).per_day)
    if limit is None:
        raise PlatformError(76021)
    row = world.database.one(
        "SELECT used FROM usage WHERE app_id = ? AND path = ? AND unit = 'day' AND period = ?",
        account.app_id, path, world.day(),
    )  # fmt: skip
    used = int(row["used"]) if row else 0
    quota = {"daily_limit": limit, "used": used, "remain": max(limit - used, 0)}
    return {"errcode": 0, "errmsg": "ok", "quota": quota}


def _count(world: World, app_id: str, path: str, unit: str, period: str) -> int:
    row = world.database.one(
        "INSERT INTO usage VALUES (?, ?, ?, ?, 1) ON CONFLICT (app_id, path, unit) DO UPDATE SET"
        " used = CASE WHEN period = excluded.period THEN used + 1 ELSE 1 END, period = excluded.period"
        " RETURNING used",
        app_id, path, unit, period,
    )  # fmt: skip
    return int(row["used"]) if row else 0
