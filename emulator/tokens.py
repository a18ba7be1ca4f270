"""Access tokens: plain and stable ones, and the refusals of wrong ones.

Source: WeChat docs, 获取接口调用凭据 (token) and 获取稳定版接口调用凭据 (stable_token).
"""

import secrets
from collections.abc import Mapping

from emulator.config import Account, EmulatorConfig
from emulator.errors import PlatformError
from emulator.world import World

LIFETIME_S = 7200
OVERLAP_S = 300
FORCES_PER_DAY = 20
FORCE_PAUSE_S = 30


def authenticate(config: EmulatorConfig, given: Mapping[str, object]) -> Account:
    """The account that `appid` and `secret` name. Raises PlatformError 41002, 40013, 41004, 40125."""
    if not given.get("appid"):
        raise PlatformError(41002)
    account = config.account(str(given["appid"]))
    if account is None:
        raise PlatformError(40013)
    if not given.get("secret"):
        raise PlatformError(41004)
    if not secrets.compare_digest(str(given["secret"]).encode(), account.secret.encode()):
        raise PlatformError(40125)
    return account


def require_grant_type(given: Mapping[str, object], expected: str) -> None:
    """Raises PlatformError 40002 unless `grant_type` is as expected."""
    if given.get("grant_type") != expected:
        raise PlatformError(40002)


def plain_token(world: World, account: Account) -> dict[str, object]:
    """A new token; the previous one stays valid for five more minutes."""
    _shorten(world, account, "plain", world.epoch() + OVERLAP_S)
    return {"access_token": _issue(world, account, "plain"), "expires_in": LIFETIME_S}


def stable_token(world: World, account: Account, *, force_refresh: bool) -> dict[str, object]:
    """The same token until its last five minutes, then a new one beside it.

    A forced refresh invalidates the current token at once. Raises PlatformError 45009 for more than 20 per day, and
    45011 for two within 30 seconds. The documentation does not say what the second gets; we refuse it, because a client
    that copes with a refusal copes with a token too.
    """
    now = world.epoch()
    if force_refresh:
        _count_force(world, account)
        _shorten(world, account, "stable", now)
        return {"access_token": _issue(world, account, "stable"), "expires_in": LIFETIME_S}
    current = world.database.one(
        "SELECT token, expires_at FROM tokens WHERE app_id = ? AND kind = 'stable'"
        " AND dies_at > ? AND expires_at > ? ORDER BY expires_at DESC",
        account.app_id, now, now + OVERLAP_S,
    )  # fmt: skip
    if current is None:
        return {"access_token": _issue(world, account, "stable"), "expires_in": LIFETIME_S}
    return {"access_token": current["token"], "expires_in": int(current["expires_at"] - now)}


def account_of(world: World, token: str | None) -> Account:
    """The account that owns the token. Raises PlatformError 41001 missing, 40001 unknown or invalidated, 42001 expired."""
    if not token:
        raise PlatformError(41001)
    row = world.database.one("SELECT * FROM tokens WHERE token = ?", token)
    account = world.config.account(row["app_id"]) if row else None
    if row is None or account is None:
        raise PlatformError(40001)
    if world.epoch() >= row["dies_at"]:
        raise PlatformError(42001 if row["dies_at"] == row["expires_at"] else 40001)
    return account


def _issue(world: World, account: Account, kind: str) -> str:
    token = secrets.token_urlsafe(102)
    expires_at = world.epoch() + LIFETIME_S
    world.database.run("DELETE FROM tokens WHERE expires_at < ?", world.epoch() - 10 * LIFETIME_S)
    world.database.run(
        "INSERT INTO tokens VALUES (?, ?, ?, ?, ?)", token, account.app_id, kind, expires_at, expires_at
    )
    return token


def _shorten(world: World, account: Account, kind: str, dies_at: float) -> None:
    world.database.run(
        "UPDATE tokens SET dies_at = min(dies_at, ?) WHERE app_id = ? AND kind = ?",
        dies_at,
        account.app_id,
        kind,
    )


def _count_force(world: World, account: Account) -> None:
    forces = world.database.rows(
        "SELECT at FROM token_forces WHERE app_id = ? AND day = ? ORDER BY at", account.app_id, world.day()
    )
    if len(forces) >= FORCES_PER_DAY:
        raise PlatformError(45009)
    if forces and world.epoch() - forces[-1]["at"] < FORCE_PAUSE_S:
        raise PlatformError(45011)
    world.database.run(
        "INSERT INTO token_forces VALUES (?, ?, ?)", account.app_id, world.epoch(), world.day()
    )
