"""Deliver one notice to one member by the first open route, or let it wait for the next visit, with the reason."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from channels import faults, outbox
from channels.faults import OpenFaults
from channels.notices.kind import Attempt, NoticeKind, NotNeeded
from channels.notices.kinds import KINDS, find_kind
from channels.outbox import HELD, Claimed, Verdict
from channels.permissions import begin_send, correct_consent
from channels.recipient import read_recipient
from channels.routes import Declined, Route, routes
from channels.send_errors import judge, reason_of
from channels.sending import Send, Senders, send_by
from loyalty.programme.in_force.live import LiveRules
from wechat.errcodes import TEMPLATE_FAULTS
from wechat.errors import ApiError, BadRequest, UnexpectedErrcode

log = structlog.get_logger(__name__)


async def deliver(
    senders: Senders,
    live: LiveRules,
    notice: Claimed,
    now: datetime,
    open_faults: OpenFaults,
    kinds: Sequence[NoticeKind] = KINDS,
) -> Verdict:
    """Send a claimed notice, or find out why not, and write that into its row; returns what was written.

    Routes that `open_faults` closes are not tried; a fault of the set-up that shows is booked and added to them.

    Raises outbox.LeaseLost, and what the database raises: when the lease ends the row is claimed again, or marked unknown if a send
    had begun.
    """
    verdict = await _attempt(senders, live, notice, now, open_faults, kinds)
    await outbox.settle(senders.pool, notice, verdict, now)
    return verdict


async def _attempt(
    senders: Senders,
    live: LiveRules,
    notice: Claimed,
    now: datetime,
    open_faults: OpenFaults,
    kinds: Sequence[NoticeKind],
) -> Verdict:
    oa_app_id, miniapp_app_id = senders.official_account.app_id, senders.mini_program.app_id
    recipient = await read_recipient(senders.pool, notice.id.member_id, oa_app_id, miniapp_app_id)
    if recipient is None:
        return Verdict("suppressed", "no_member")
    if recipient.opted_out:
        return Verdict("suppressed", "opted_out")
    attempt = Attempt(senders.pool, notice, recipient, live, now)
    try:
        kind = find_kind(notice.id.kind, kinds)
        content = await kind.read(attempt)
    except (LookupError, TypeError, ValueError) as error:
        log.exception("notice_unreadable", kind=notice.id.kind)
        return Verdict("failed", type(error).__name__)
    if isinstance(content, NotNeeded):
        return Verdict("suppressed", content.reason)
    after_quiet_hours = _after_quiet_hours(kind, attempt)
    if after_quiet_hours is not None:
        return Verdict("due", "quiet_hours", due_at=after_quiet_hours, counts=False)
    return await _by_first_open_route(Send(senders, kind, attempt, content, open_faults))


def _after_quiet_hours(kind: NoticeKind, attempt: Attempt) -> datetime | None:
    """When an unprompted notice is sent instead of now, in quiet hours; None to send it now.

    A member who is here now has woken it themselves. Notices are written for open hours, so this concerns those that were late.
    """
    notice, now = attempt.notice, attempt.now
    if not kind.is_unprompted or notice.reason == "visit" or not attempt.live.is_quiet(now):
        return None
    at = attempt.live.unprompted_at(
        notice.id.member_id, now, seen_on=attempt.recipient.last_seen_on,
        gone_on=attempt.live.day(kind.useful_until(attempt)),
    )  # fmt: skip
    return at if at > now else None


async def _by_first_open_route(send: Send) -> Verdict:
    kind, attempt = send.kind, send.attempt
    declined = Declined("not_following" if attempt.recipient.oa_openid is None else "no_template")
    for route in routes(kind.templates(attempt.live.rules), attempt.recipient):
        result = await _try_route(send, route)
        if isinstance(result, Verdict):
            return result
        declined = result if result.fault or not declined.fault else declined
    useful_until = kind.useful_until(attempt)
    if useful_until <= attempt.now:
        return Verdict("suppressed", "waited_too_long")
    return Verdict("waiting", declined.reason, due_at=useful_until, fault=declined.fault)


async def _try_route(send: Send, route: Route) -> Verdict | Declined:
    app_id, pool, now = send.app_id(route), send.senders.pool, send.attempt.now
    closed_by = send.faults.blocking(app_id, route)
    if closed_by is not None:
        return Declined(HELD, closed_by)
    declined = await begin_send(send, route)
    if declined is not None:
        return declined
    try:
        message_id = await send_by(route, send)
    except ApiError as error:
        await correct_consent(send, route, error)
        return await _refused(send, route, error)
    probed = send.faults.probing
    if probed is not None and probed in faults.targets_of(app_id, route):
        await faults.mend(pool, probed, now)
    return Verdict("sent", channel=route.channel, message_id=message_id or None)


async def _refused(send: Send, route: Route, error: ApiError) -> Verdict | Declined:
    """A fault of the set-up is booked, and the notice waits for its end; any other error concerns this notice alone."""
    pool, now = send.senders.pool, send.attempt.now
    target = faults.target_of(error, send.app_id(route), route)
    if target is None or await _is_of_this_notice(send, error, target):
        return judge(error, route.channel, send.attempt.notice.attempts, now)
    has_begun = await faults.book(pool, target, error, now)
    if send.faults.add(target) and has_begun:
        log.error("wechat_needs_an_operator", target=target, api=error.api, errcode=error.errcode)
    return Declined(reason_of(error), target)


async def _is_of_this_notice(send: Send, error: ApiError, target: str) -> bool:
    """Whether the notice was refused in the same way before, and others were sent by this template since."""
    is_certain = error.errcode in TEMPLATE_FAULTS or not isinstance(error, BadRequest | UnexpectedErrcode)
    was_refused = send.attempt.notice.reason == reason_of(error)
    return not is_certain and was_refused and await faults.has_worked_since(send.senders.pool, target)
