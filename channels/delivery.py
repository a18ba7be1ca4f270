"""One notice to one member: by the first channel that may be used, or kept for the next visit with its reason.

A customer-service message comes first, as it needs no quota. Expiry goes else by template to any follower who has not
opted out; a wake-up by subscribe message, else by template where the rule set names one. A send whose outcome is
unknown is marked so and never repeated, templates included: WeChat de-duplicates `client_msg_id` for ten minutes only,
and does not promise to.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg
import structlog

from channels import consent, outbox
from channels.notice_facts import NotNeeded, Recipient, read_facts, read_recipient
from channels.notice_texts import NoticeFacts, notice_text, template_data
from channels.outbox import Channel, Claimed, NoticeKey, Verdict
from channels.windows import Windows
from loyalty.ledger.calendar import day_start
from loyalty.programme.live import LiveRules
from loyalty.programme.rules import Notices
from loyalty.programme.sections import Template
from wechat.errors import (
    ApiError,
    Misconfigured,
    OutcomeUnknown,
    RateLimited,
    TokenRejected,
    Transient,
    Undeliverable,
)
from wechat.mini_program import MiniProgramApi
from wechat.official_account import MiniProgramPage, OfficialAccountApi

EXPIRY_TEMPLATES_A_MONTH: Final = 4
"""Too frequent expiry reminders count as abuse of template messages (WeChat docs: 模板消息运营规范)."""

MAX_ATTEMPTS: Final = 8
FIRST_RETRY: Final = timedelta(seconds=30)
REPAIR_PAUSE: Final = timedelta(minutes=10)
NO_CONSENT: Final = 43101
WAITS: Final = {"wake_up": timedelta(days=30), "referral_rewarded": timedelta(days=90)}
"""How long after it was written a notice may wait for a visit; one of an expiry waits until the points are gone."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outlets:
    """What sending needs of the process's resources."""

    pool: asyncpg.Pool
    windows: Windows
    official_account: OfficialAccountApi
    mini_program: MiniProgramApi
    zone: ZoneInfo


class Route(NamedTuple):
    """A way to the member: a channel, who they are there, and the template where the channel needs one."""

    channel: Channel
    openid: str
    template: Template | None = None


class Declined(NamedTuple):
    """Why a way is closed for now; the next one is tried."""

    reason: str


@dataclass(frozen=True)
class Errand:
    """A claimed notice with everything that is known for its send."""

    outlets: Outlets
    live: LiveRules
    notice: Claimed
    facts: NoticeFacts
    text: str
    now: datetime


async def deliver(outlets: Outlets, live: LiveRules, notice: Claimed, now: datetime) -> Verdict:
    """Send a claimed notice, or find out why not, and write that into its row; returns what was written.

    Raises outbox.LeaseLost, and what the database raises: when the lease ends the row is taken up again, or marked
    unknown where a send had begun.
    """
    verdict = await _decide(outlets, live, notice, now)
    if verdict.halt:
        log.error("wechat_needs_an_operator", kind=notice.id.kind, reason=verdict.reason)
    await outbox.settle(outlets.pool, notice, verdict, now)
    return verdict


def routes(kind: str, recipient: Recipient, rules: Notices) -> tuple[Route, ...]:
    """The ways by which a notice of this kind may reach the member, best first."""
    found: list[Route] = []
    if recipient.oa_openid is not None:
        found.append(Route("customer_service", recipient.oa_openid))
    if kind == "wake_up" and recipient.miniapp_openid is not None and rules.wake_up.subscribe is not None:
        found.append(Route("subscribe", recipient.miniapp_openid, rules.wake_up.subscribe))
    template = {"expiry": rules.expiry.template, "wake_up": rules.wake_up.template}.get(kind)
    if recipient.oa_openid is not None and template is not None:
        found.append(Route("template", recipient.oa_openid, template))
    return tuple(found)


def judge(error: ApiError, channel: Channel, attempts: int, now: datetime) -> Verdict | Declined:
    """What a failed send by `channel` means for the notice; `attempts` includes this one."""
    reason = f"errcode_{error.errcode}" if error.errcode else type(error).__name__
    if isinstance(error, Undeliverable):
        return Declined(reason)
    if isinstance(error, OutcomeUnknown):
        return Verdict("unknown", reason, channel)
    if isinstance(error, RateLimited):
        return Verdict("due", reason, due_at=error.until, counts=False)
    if isinstance(error, Misconfigured | TokenRejected):
        return Verdict("due", reason, due_at=now + REPAIR_PAUSE, counts=False, halt=True)
    if isinstance(error, Transient) and attempts < MAX_ATTEMPTS:
        return Verdict("due", reason, due_at=now + FIRST_RETRY * 2 ** (attempts - 1))
    return Verdict("failed", reason)


async def _decide(outlets: Outlets, live: LiveRules, notice: Claimed, now: datetime) -> Verdict:
    recipient = await read_recipient(
        outlets.pool, notice.id.member_id, outlets.official_account.app_id, outlets.mini_program.app_id
    )
    if recipient is None:
        return Verdict("suppressed", "no_member")
    try:
        facts = await read_facts(notice, recipient, live, now)
        if isinstance(facts, NotNeeded):
            return Verdict("suppressed", facts.reason)
        errand = Errand(outlets, live, notice, facts, notice_text(facts, live.rules.programme), now)
    except (LookupError, TypeError, ValueError) as error:
        log.exception("notice_unreadable", kind=notice.id.kind)
        return Verdict("failed", type(error).__name__)
    return await _by_the_first_way(errand, recipient)


async def _by_the_first_way(errand: Errand, recipient: Recipient) -> Verdict:
    declined = Declined("not_following" if recipient.oa_openid is None else "no_template")
    for route in routes(errand.notice.id.kind, recipient, errand.live.rules.notices):
        answer = await _try(errand, route)
        if isinstance(answer, Verdict):
            return answer
        declined = answer
    ends_at = waits_until(errand.notice, errand.outlets.zone)
    if ends_at <= errand.now:
        return Verdict("suppressed", "waited_too_long")
    return Verdict("waiting", declined.reason, due_at=ends_at)


def waits_until(notice: Claimed, zone: ZoneInfo) -> datetime:
    """When a notice is of no use any more."""
    if notice.id.kind == "expiry":
        return day_start(date.fromisoformat(notice.payload["expires_on"]), zone)
    return notice.created_at + WAITS[notice.id.kind]


async def _try(errand: Errand, route: Route) -> Verdict | Declined:
    refused = await _permission(errand, route)
    if refused is not None:
        return refused
    try:
        message_id = await _send(errand, route)
    except ApiError as error:
        await _mend_consent(errand, route, error)
        return judge(error, route.channel, errand.notice.attempts, errand.now)
    return Verdict("sent", channel=route.channel, message_id=message_id or None)


async def _permission(errand: Errand, route: Route) -> Declined | None:
    """Why this way is closed, or None: then the row says that a send by it begins. Raises outbox.LeaseLost."""
    outlets, notice, now = errand.outlets, errand.notice, errand.now
    member_id, kind = notice.id.member_id, notice.id.kind
    if route.channel == "customer_service" and not await outlets.windows.take(route.openid, now):
        return Declined("window_closed")
    await outbox.begin(outlets.pool, notice, route.channel, now)
    if route.channel == "subscribe" and route.template is not None:
        allowed = await consent.take_one(outlets.pool, member_id, route.template.template_id)
        return None if allowed else Declined("no_consent")
    if route.channel == "template" and kind == "expiry":
        # This one is counted already: of two at once that reach the limit, neither may pass it.
        sent = await outbox.sent_this_month(
            outlets.pool, member_id, kind, route.channel, errand.live.day(now), outlets.zone
        )
        return None if sent <= EXPIRY_TEMPLATES_A_MONTH else Declined("monthly_quota")
    return None


async def _send(errand: Errand, route: Route) -> str:
    """The message id WeChat gave; empty where the channel has none. Raises ApiError."""
    outlets, template = errand.outlets, route.template
    if template is None:
        await outlets.official_account.send_custom_text(route.openid, errand.text)
        return ""
    data = template_data(errand.facts, template, errand.live.rules.programme)
    if route.channel == "subscribe":
        return await outlets.mini_program.send_subscribe(
            route.openid, template.template_id, data, template.page
        )
    page = None if template.page is None else MiniProgramPage(outlets.mini_program.app_id, template.page)
    return await outlets.official_account.send_template(
        route.openid, template.template_id, data, client_message_id(errand.notice.id), miniprogram=page
    )


def client_message_id(notice: NoticeKey) -> str:
    """The same for every send of one notice, so that WeChat drops a repeat within ten minutes: 32 hex digits."""
    named = f"{notice.member_id}|{notice.kind}|{notice.key}"
    return hashlib.sha256(named.encode()).hexdigest()[:32]


async def _mend_consent(errand: Errand, route: Route, error: ApiError) -> None:
    """A subscribe message that surely did not leave used up no consent; 43101 says that there is none."""
    if route.channel != "subscribe" or route.template is None or isinstance(error, OutcomeUnknown):
        return
    pool, member_id = errand.outlets.pool, errand.notice.id.member_id
    mend = consent.revoke if error.errcode == NO_CONSENT else consent.grant
    await mend(pool, member_id, route.template.template_id, errand.now)
