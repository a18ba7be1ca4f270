"""Consents that members withdrew at WeChat, and accounts that they closed there: what was taken under them is forgotten.

Each event takes effect once: its row is written in the same transaction, so a repeat of the event does not undo what the member has
given anew since. Source: WeChat docs 授权用户资料变更 (user_authorization_revoke, user_authorization_cancellation).
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from loyalty.engine.transactions import retried

_NICKNAME_SCOPES: Final = frozenset({"6", "19", "205", "301"})
"""The codes of RevokeInfo that cover a nickname: in a mini-program, its nickname field, on web pages, in an app."""

_BEGIN: Final = """
INSERT INTO consent_withdrawal (member_id, message_key, event, scope, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (member_id, message_key) DO NOTHING
"""
_HALVES: Final = "SELECT other_id FROM merged_half WHERE member_id = $1 AND split_no IS NULL"
"""The members merged into this one: each row still has the nickname of before, which a split would bring back."""
_FORGET_NICKNAME: Final = """
UPDATE member SET nickname = NULL, nickname_checked = false WHERE member_id = ANY($1::bigint[])
"""
_REVOKE_MESSAGES: Final = """
UPDATE consent SET granted = 0, changed_at = $2 WHERE member_id = $1 AND changed_at <= $2
"""
_UNFOLLOW: Final = """
UPDATE contact SET following = false, changed_at = $2 WHERE member_id = $1 AND changed_at <= $2
"""


@dataclass(frozen=True)
class Withdrawal:
    """One event: its message key, its name, WeChat's RevokeInfo ("" for none), and when WeChat wrote it.

    `is_closure`: the account at WeChat is closed, so everything given under it is withdrawn.
    """

    message_key: str
    event: str
    scope: str
    at: datetime
    is_closure: bool = False

    @property
    def covers_nickname(self) -> bool:
        """Whether the nickname was given under it; an event that names no scope covers everything."""
        named = set(re.findall(r"[0-9]+", self.scope))
        return self.is_closure or not named or bool(named & _NICKNAME_SCOPES)


async def take_back(pool: asyncpg.Pool, member_id: int, withdrawal: Withdrawal) -> bool:
    """Forget what was given: the nickname, and for a closed account also permissions for messages. False for a repeated event.

    Raises EngineUnavailable.
    """
    return await retried(pool, lambda connection: _take_back(connection, member_id, withdrawal))


async def _take_back(connection: asyncpg.Connection, member_id: int, one: Withdrawal) -> bool:
    written = await connection.execute(_BEGIN, member_id, one.message_key, one.event, one.scope, one.at)
    if written != "INSERT 0 1":
        return False
    if one.covers_nickname:
        halves = [row["other_id"] for row in await connection.fetch(_HALVES, member_id)]
        await connection.execute(_FORGET_NICKNAME, [member_id, *halves])
    if one.is_closure:
        await connection.execute(_REVOKE_MESSAGES, member_id, one.at)
        await connection.execute(_UNFOLLOW, member_id, one.at)
    return True
