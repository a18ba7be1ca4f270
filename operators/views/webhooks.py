"""推送: the webhooks that partners have registered, and the deliveries of one, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from operators.views.paging import LATEST, Paged, page_of

TYPE_TITLES: Final[Mapping[str, str]] = {
    "member.welcomed": "新会员", "check_in.created": "签到", "check_in.repaired": "补签", "event.recorded": "上报的事件",
    "order.refunded": "退款", "redemption.created": "兑换", "redemption.cancelled": "取消兑换", "voucher.used": "核销",
    "draw.created": "抽奖", "points.booked": "积分到账或到期", "member.merged": "会员合并", "points.changed": "积分变动",
}  # fmt: skip
"""The types of changes, as operators read them."""
WEBHOOKS: Final = """
SELECT id, key_id, store, url, created_at, stopped_at, stopped_because, removed_at, previous_until FROM webhook
ORDER BY removed_at IS NOT NULL, created_at, id
"""
STATES: Final = """
SELECT webhook_id, state, count(*) AS deliveries FROM webhook_delivery WHERE state <> 'delivered' GROUP BY webhook_id, state
"""
DELIVERIES: Final = """
SELECT change_id, type, state, attempts, created_at, due_at, last_status, last_error FROM webhook_delivery
WHERE webhook_id = $1 AND {state} AND {kind} AND (created_at, change_id) < ($2::timestamptz, $3::text)
ORDER BY created_at DESC, change_id DESC LIMIT $4
"""
DELIVERY: Final = """
SELECT change_id, type, state, attempts, created_at, due_at, last_status, last_error, content FROM webhook_delivery
WHERE webhook_id = $1 AND change_id = $2
"""
ERRORS: Final[Mapping[str, str]] = {
    "address_refused": "网址不能用：要在公网上，以 https:// 开头",
    "secret_sealed": "签名用的密钥解不开封：程序的 JIFEN_SECRET_KEY 换过",
    "removed": "推送去掉了，没有再送",
    "TimeoutError": "对方太久没有回答",
    "ClientConnectorDNSError": "域名找不到",
    "ClientConnectorCertificateError": "对方的证书不对",
    "PrivateAddress": "域名指向内网地址，不送",
}
"""Why there was no answer, as operators read it."""
OF_STATE: Final = {
    "": "true", "due": "state = 'due'", "dead": "state = 'dead'", "delivered": "state = 'delivered'",
}  # fmt: skip
"""Each state by its name, because the index of those that were not delivered serves no statement for any state."""


@dataclass(frozen=True)
class WebhookLine:
    """A webhook; `waiting` deliveries are on their way, `dead` ones have failed for good.

    Until `previous_until` the secret before the present one signs as well.
    """

    id: str
    key_id: str
    store: str | None
    url: str
    created_at: datetime
    stopped_at: datetime | None
    stopped_because: str | None
    removed_at: datetime | None
    previous_until: datetime | None
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
    content: str = ""

    @property
    def told(self) -> str:
        """Why the last attempt failed, in Chinese; empty if none did."""
        return "" if self.last_error is None else error_told(self.last_status, self.last_error)


def error_told(status: int | None, error: str) -> str:
    """Why an attempt failed, in Chinese."""
    if error in ERRORS:
        return ERRORS[error]
    return f"对方回答 {status}" if status is not None else f"连不上对方（{error}）"


async def list_webhooks(pool: asyncpg.Pool) -> list[WebhookLine]:
    """All webhooks, oldest first, those that are removed behind the others."""
    states = {(row["webhook_id"], row["state"]): row["deliveries"] for row in await pool.fetch(STATES)}
    return [
        WebhookLine(**row, waiting=states.get((row["id"], "due"), 0), dead=states.get((row["id"], "dead"), 0))
        for row in await pool.fetch(WEBHOOKS)
    ]


async def list_deliveries(
    pool: asyncpg.Pool, webhook_id: str, *, after: str = "", state: str = "", kind: str = "", limit: int = 50
) -> Paged[DeliveryLine]:
    """The deliveries of a webhook, newest first; with `state` and `kind` those in this state and of this type alone.

    A malformed `after` is the first page; no delivery is in an unknown state or of an unknown type.
    """
    if state not in OF_STATE or kind not in ("", *TYPE_TITLES):
        return Paged([], None)
    statement = DELIVERIES.format(state=OF_STATE[state], kind=f"type = '{kind}'" if kind else "true")
    rows = await pool.fetch(statement, webhook_id, *(_place(after) or (LATEST, "")), limit + 1)
    return page_of(
        [DeliveryLine(**row) for row in rows],
        limit,
        lambda line: f"{line.created_at.isoformat()}|{line.change_id}",
    )


async def delivery_of(pool: asyncpg.Pool, webhook_id: str, change_id: str) -> DeliveryLine | None:
    """One delivery with its content; None if there is none."""
    row = await pool.fetchrow(DELIVERY, webhook_id.replace("\0", ""), change_id.replace("\0", ""))
    return None if row is None else DeliveryLine(**row)


def _place(after: str) -> tuple[datetime, str] | None:
    at, _, change_id = after.replace("\0", "").partition("|")
    try:
        created_at = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (created_at, change_id) if created_at.tzinfo and change_id else None
