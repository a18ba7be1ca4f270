"""The callers of the partner API: the holders of keys; and one pipeline for each scope."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, NamedTuple

from aiohttp import web

from base import gauges
from loyalty.engine.engine import Engine
from loyalty.members.finding import Apps
from partner_api.keys import SCOPES, Key, Scope, find_key, note_use
from runtime.resources import RESOURCES, Resources
from web.counts import COUNTS, Counts
from web.problems import TOO_MANY_REQUESTS, Kind, Problem
from web.requests import ApiRequest, Pipeline
from web.security import PARTNER_KEY

SCOPE_MISSING = Kind("scope_missing", 403, "密钥没有这项权限")
STORE_OF_ANOTHER = Kind("store_of_another", 403, "密钥只能用于它自己的门店")

MINUTE_S: Final = 60


class Partner(NamedTuple):
    """The holder of the key that a request carries."""

    resources: Resources
    counts: Counts
    now: datetime
    key: Key

    @property
    def engine(self) -> Engine:
        """The engine of this process."""
        return self.resources.engine

    @property
    def apps(self) -> Apps:
        """The app ids by which openids are stored."""
        settings = self.resources.settings
        return Apps(settings.oa_app_id or "", settings.miniapp_app_id or "")


PartnerRequest = ApiRequest[Partner]


def _partner_with(scope: Scope) -> Callable[[web.Request, str], Awaitable[Partner | None]]:
    """Finds the partner of a key that must have this scope."""

    async def partner_of_key(http: web.Request, text: str) -> Partner | None:
        """The partner; None for an unknown or revoked key. Raises Problem 429 and 403."""
        resources, counts = http.app[RESOURCES], http.app[COUNTS]
        now = resources.clock.now()
        key = await find_key(resources.pool, text, now)
        if key is None:
            return None
        await note_use(resources.pool, key, now)
        wait_s = await counts.take(f"key:{key.id}", key.per_minute, MINUTE_S, now)
        if wait_s:
            gauges.request_limited("key")
            raise Problem(
                TOO_MANY_REQUESTS,
                f"这个密钥每分钟最多 {key.per_minute} 次请求。",
                headers={"Retry-After": str(wait_s)},
            )
        if scope not in key.scopes:
            raise Problem(SCOPE_MISSING, f"这个操作要有 {scope} 权限的密钥。", facts={"scope": scope})
        return Partner(resources, counts, now, key)

    return partner_of_key


PARTNERS: Final[dict[Scope, Pipeline[Partner]]] = {
    scope: Pipeline(
        PARTNER_KEY,
        _partner_with(scope),
        key_prefix=lambda partner: f"partner:{partner.key.source}",
        counts_credentials=False,  # a key has a limit of its own
    )
    for scope in SCOPES
}
"""The pipeline of each scope. Its operations name SCOPE_MISSING among their problems."""


def check_store(key: Key, store: str | None) -> None:
    """Raise Problem 403 if the key is bound to another store than the one named; naming none means the key's own."""
    if key.store is not None and store not in (None, key.store):
        raise Problem(STORE_OF_ANOTHER, f"这个密钥只能用于门店 {key.store}。", facts={"store": key.store})
