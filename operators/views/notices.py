"""消息: the notices in the outbox by state, newest first, with the reason of those that were not sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from operators.views.paging import Paged, instant_in, number_in, page_of

SELECT: Final = """
SELECT n.member_id, n.kind, n.key, m.nickname, n.state, n.reason, n.channel, n.created_at, n.due_at, n.sent_at, n.attempts, n.fault
FROM notice n JOIN member m ON m.member_id = n.member_id
WHERE {where} ORDER BY n.due_at DESC, n.member_id DESC, n.key DESC LIMIT {limit}
"""
FILTERS: Final[Mapping[str, str]] = {
    "member_id": "n.member_id = {}::bigint",
    "state": "n.state = {}",
    "kind": "n.kind = {}",
}
KIND_TITLES: Final[Mapping[str, str]] = {
    "change": "积分变动", "expiry": "积分到期提醒", "inactivity": "账户久未使用提醒", "wake_up": "唤醒",
    "referral_rewarded": "邀请奖励到账", "rule_change": "规则调整公告", "tier_review": "等级复核提醒",
    "appeal_answered": "申诉答复",
}  # fmt: skip
COUNTS: Final = "SELECT state, count(*) AS notices FROM notice WHERE due_at >= $1 GROUP BY state"
AFTER: Final = "(n.due_at, n.member_id, n.key) < ({}::timestamptz, {}::bigint, {}::text)"


@dataclass(frozen=True)
class NoticeLine:
    """A notice to one member; `reason` says why it was not sent, `fault` which of WeChat's faults it waits for."""

    member_id: int
    kind: str
    key: str
    nickname: str | None
    state: str
    reason: str | None
    channel: str | None
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    fault: str | None

    @property
    def place(self) -> str:
        """Its place in the list."""
        return f"{self.due_at.isoformat()}|{self.member_id}|{self.key}"


async def list_notices(
    pool: asyncpg.Pool,
    *,
    after: str = "",
    member_id: int | None = None,
    state: str = "",
    kind: str = "",
    limit: int = 50,
) -> Paged[NoticeLine]:
    """Notices, the latest due first. A malformed `after` is the first page."""
    given = {"member_id": member_id, "state": state, "kind": kind}
    wanted = [(one, value) for one, value in given.items() if value not in (None, "")]
    conditions = [FILTERS[one].format(f"${place}") for place, (one, _) in enumerate(wanted, 1)]
    values: list[object] = [value for _, value in wanted]
    if (place_of := _place(after)) is not None:
        conditions.append(AFTER.format(*(f"${len(values) + number}" for number in range(1, 4))))
        values += place_of
    rows = await pool.fetch(SELECT.format(where=" AND ".join(conditions) or "true", limit=limit + 1), *values)
    return page_of([NoticeLine(**row) for row in rows], limit, lambda line: line.place)


async def notice_line(pool: asyncpg.Pool, member_id: int, kind: str, key: str) -> NoticeLine | None:
    """One notice; None if there is none."""
    where = "n.member_id = $1 AND n.kind = $2 AND n.key = $3"
    row = await pool.fetchrow(SELECT.format(where=where, limit=1), member_id, kind, key)
    return None if row is None else NoticeLine(**row)


async def counts_since(pool: asyncpg.Pool, since: datetime) -> Mapping[str, int]:
    """How many notices that were due since then are in each state."""
    return {row["state"]: row["notices"] for row in await pool.fetch(COUNTS, since)}


def _place(after: str) -> tuple[datetime, int, str] | None:
    parts = after.split("|", 2)
    if len(parts) != 3:
        return None
    due_at, member_id = instant_in(parts[0]), number_in(parts[1])
    return None if due_at is None or member_id is None else (due_at, member_id, parts[2])
