"""推送: the webhooks that partners have registered, and the deliveries of one, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from operators.views.paging import Paged, page_of

TYPE_TITLES: Final[Mapping[str, str]] = {
    "member.welcomed": "新会员", "check_in.created": "签到", "check_in.repaired": "补签", "event.recorded": "上报的事件",
    "order.refunded": "退款", "redemption.created": "兑换", "redemption.cancelled": "取消兑换", "voucher.used": "核销",
    "draw.created": "抽奖", "points.booked": "积分到账或到期", "member.merged": "会员合并", "points.changed": "积分变动",
}  # fmt: skip
"""The types of changes, as operators read them."""
WEBHOOKS: Final = """
SELECT id, key_id, store, url, created_at, stopped_at, stopped_because FROM webhook WHERE removed_at IS NULL ORDER BY created_at, id
"""
STATES: Final = """
SELECT webhook_id, state, count(*) AS deliveries FROM webhook_delivery WHERE state <> 'delivered' GROUP BY webhook_id, state
"""
DELIVERIES: Final = """
SELECT change_id, type, state, attempts, created_at, due_at, last_status, last_error FROM webhook_delivery
WHERE webhook_id = $1 AND ($2::text IS NULL OR state = $2)
AND ($3::timestamptz IS NULL OR (created_at, change_id) < ($3, $4::text))
ORDER BY created_at DESC, change_id DESC LIMIT $5
"""


@dataclass(frozen=True)
class WebhookLine:
    """A webhook; `waiting` deliveries are on their way, `dead` ones have failed for good."""

    id: str
    key_id: str
    store: str | None
    url: str
    created_at: datetime
    stopped_at: datetime | None
    stopped_because: str | None
    waiting: int
    dead: int


@dataclass(frozen=True)
class DeliveryLine:
    """A delivery. `last_error` says why the last attempt failed; `due_at` is when it is sent next, or came into its state."""

    change_id: str
    type: str
    state: str
    attempts: int
    created_at: datetime
    due_at: datetime
    last_status: int | None
    last_error: str | None


async def list_webhooks(pool: asyncpg.Pool) -> list[WebhookLine]:
    """All webhooks that are not removed, oldest first."""
    states = {(row["webhook_id"], row["state"]): row["deliveries"] for row in await pool.fetch(STATES)}
    return [
        WebhookLine(**row, waiting=states.get((row["id"], "due"), 0), dead=states.get((row["id"], "dead"), 0))
        for row in await pool.fetch(WEBHOOKS)
    ]


async def list_deliveries(
    pool: asyncpg.Pool, webhook_id: str, *, after: str = "", state: str = "", limit: int = 50
) -> Paged[DeliveryLine]:
    """The deliveries of a webhook, newest first. A malformed `after` is the first page."""
    place = _place(after) or (None, None)
    rows = await pool.fetch(DELIVERIES, webhook_id, state or None, *place, limit + 1)
    return page_of(
        [DeliveryLine(**row) for row in rows],
        limit,
        lambda line: f"{line.created_at.isoformat()}|{line.change_id}",
    )


def _place(after: str) -> tuple[datetime, str] | None:
    at, _, change_id = after.replace("\0", "").partition("|")
    try:
        created_at = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (created_at, change_id) if created_at.tzinfo and change_id else None
