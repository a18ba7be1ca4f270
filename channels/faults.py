"""Faults of the set-up at WeChat: a wrong secret, an API that is not granted, a template that was removed, a quota that is spent.

Such a fault concerns every notice that takes the same route, so it is booked once, in table `wechat_fault`, and its notices wait:

    working ──a send is refused──▶ faulty ──a probe succeeds, or what was faulty is gone──▶ mended (its notices are due again)
                                     └──── a probe fails: the next one comes later ────┘

A probe is one waiting notice that is sent all the same, by one worker. A target names what is faulty: `account:<app id>`,
`api:<app id>:<path>` or `template:<template id>`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import asyncpg
import structlog

from channels.routes import Route
from wechat.errcodes import ACCOUNT_FAULTS, DAY_QUOTA, TEMPLATE_FAULTS, TOKEN_API
from wechat.errors import (
    ApiError,
    BadRequest,
    Misconfigured,
    RateLimited,
    TokenRejected,
    UnexpectedErrcode,
)

FIRST_PROBE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(minutes=32)
"""The pause before the first probe; each further one is twice as long, up to the longest."""

_OPEN: Final = """
SELECT target, api, errcode, since, probe_at, probes FROM wechat_fault WHERE mended_at IS NULL ORDER BY since, target
"""
_BOOK: Final = """
INSERT INTO wechat_fault AS f (target, api, errcode, since, probe_at, probes) VALUES ($1, $2, $3, $4, $5, 0)
ON CONFLICT (target) DO UPDATE SET api = $2, errcode = $3, mended_at = NULL,
    since = CASE WHEN f.mended_at IS NULL THEN f.since ELSE $4 END,
    probe_at = CASE WHEN f.mended_at IS NULL THEN f.probe_at ELSE $5 END,
    probes = CASE WHEN f.mended_at IS NULL THEN f.probes ELSE 0 END
RETURNING since
"""
_CLAIM_PROBE: Final = """
UPDATE wechat_fault SET probe_at = $3, probes = probes + 1
WHERE target = $1 AND mended_at IS NULL AND probe_at <= $2 RETURNING 1
"""
_MEND: Final = (
    "UPDATE wechat_fault SET mended_at = $2 WHERE target = $1 AND mended_at IS NULL RETURNING since"
)
_MENDED: Final = "SELECT target FROM wechat_fault WHERE mended_at IS NOT NULL"
_IS_MENDED: Final = "SELECT mended_at IS NOT NULL FROM wechat_fault WHERE target = $1"
_PROBE_NOW: Final = "UPDATE wechat_fault SET probe_at = $1, probes = 0 WHERE mended_at IS NULL"

log = structlog.get_logger(__name__)


class Fault(NamedTuple):
    """A fault that is not mended: what is faulty, and when it is tried next."""

    target: str
    api: str
    errcode: int | None
    since: datetime
    probe_at: datetime
    probes: int

    @property
    def is_spent_quota(self) -> bool:
        """Whether waiting mends it: then `probe_at` is when the quota is renewed."""
        return self.errcode == DAY_QUOTA

    @property
    def scope(self) -> str:
        """`account`, `api` or `template`."""
        return self.target.partition(":")[0]


class OpenFaults:
    """The faults that one run of the delivery job knows of; `probing` is the one that it tries all the same."""

    def __init__(self, targets: Iterable[str] = (), probing: str | None = None) -> None:
        self._targets = set(targets)
        self.probing = probing

    def add(self, target: str) -> bool:
        """Remember a fault that was found just now, so that the run tries it no more; False if it was known."""
        is_new = target not in self._targets
        self._targets.add(target)
        return is_new

    def blocking(self, app_id: str, route: Route) -> str | None:
        """The fault that closes this route of an account, if any."""
        return next(
            (one for one in targets_of(app_id, route) if one in self._targets and one != self.probing), None
        )


APIS: Final = {
    "customer_service": "/cgi-bin/message/custom/send",
    "template": "/cgi-bin/message/template/send",
    "subscribe": "/cgi-bin/message/subscribe/send",
}


def targets_of(app_id: str, route: Route) -> tuple[str, ...]:
    """Everything that has to work for a send by this route."""
    shared = (f"account:{app_id}", f"api:{app_id}:{APIS[route.channel]}")
    return shared if route.template is None else (*shared, f"template:{route.template.template_id}")


def target_of(error: ApiError, app_id: str, route: Route) -> str | None:
    """The account, API or template that a failed send shows to be faulty; None for an error of this message or of the moment."""
    account, api, *template = targets_of(app_id, route)
    match error:
        case TokenRejected():
            return account
        case Misconfigured() if error.api == TOKEN_API or error.errcode in ACCOUNT_FAULTS:
            return account
        case Misconfigured():
            return template[0] if template and error.errcode in TEMPLATE_FAULTS else api
        case RateLimited(is_of_the_day=True):
            return api
        case BadRequest() | UnexpectedErrcode() if template:
            return template[0]
    return None


async def open_faults(pool: asyncpg.Pool) -> list[Fault]:
    """All faults that are not mended, the oldest first."""
    return [Fault(*row) for row in await pool.fetch(_OPEN)]


async def book(pool: asyncpg.Pool, target: str, error: ApiError, now: datetime) -> bool:
    """Book the fault, or what it has become; whether it began just now."""
    is_quota = isinstance(error, RateLimited)
    # A repeated errcode may be one message's fault after all, so the first probe with another message follows at once.
    is_certain = isinstance(error, Misconfigured | TokenRejected) or error.errcode in TEMPLATE_FAULTS
    probe_at = error.until if isinstance(error, RateLimited) else now + FIRST_PROBE if is_certain else now
    errcode = DAY_QUOTA if is_quota else error.errcode
    since = await pool.fetchval(_BOOK, target, error.api, errcode, now, probe_at)
    return bool(since == now)


async def claim_probe(pool: asyncpg.Pool, fault: Fault, now: datetime) -> bool:
    """Take this probe; False when another worker has it. The next one comes later than this one did."""
    pause = min(FIRST_PROBE * 2 ** min(fault.probes, 10), LONGEST_PAUSE)
    return await pool.fetchval(_CLAIM_PROBE, fault.target, now, now + pause) is not None


async def mend(pool: asyncpg.Pool, target: str, now: datetime) -> None:
    """Record that what was faulty works again, or is used no more."""
    since = await pool.fetchval(_MEND, target, now)
    if since is not None:
        log.info("wechat_fault_mended", target=target, since=str(since))


async def mended(pool: asyncpg.Pool) -> list[str]:
    """The targets whose notices have to be released.

    They are few, and stay: a worker may have let a notice wait without knowing of the mend, or died before it released any.
    """
    return [row["target"] for row in await pool.fetch(_MENDED)]


async def has_worked_since(pool: asyncpg.Pool, target: str) -> bool:
    """Whether the last fault of the target was mended."""
    return bool(await pool.fetchval(_IS_MENDED, target))


async def probe_now(database: asyncpg.Pool | asyncpg.Connection, now: datetime) -> list[Fault]:
    """Let the worker try every fault at once, because an operator says that it is mended; returns the faults."""
    await database.execute(_PROBE_NOW, now)
    return await open_faults(database)
