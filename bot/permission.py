"""Events of either account that get no answer: consents of members, and the fate of messages we sent."""

from datetime import datetime

import structlog

from bot.chat import written_at
from channels import consent, outbox, withdrawals
from channels.withdrawals import Withdrawal
from loyalty.members.profile import distrust_nickname
from runtime.resources import Resources
from wechat.messages import Push

log = structlog.get_logger(__name__)


async def template_finished(resources: Resources, push: Push, now: datetime) -> None:
    """Close the notice a template message carried."""
    if push.template_job is not None:
        job = push.template_job
        await outbox.close(resources.pool, "template", job.message_id, job.status, now)


async def subscription_sent(resources: Resources, push: Push, now: datetime) -> None:
    """Close the notices that subscribe messages carried."""
    for result in push.results:
        await outbox.close(resources.pool, "subscribe", result.message_id, result.status, now)


async def consent_chosen(resources: Resources, push: Push, _now: datetime) -> None:
    """Add an allowed message for each template the member accepted, and drop those of each template they refused."""
    member_id = await _member_of(resources, push)
    if member_id is None:
        log.info("consent_of_unknown_openid", chat_event=push.event)
        return
    for choice in push.choices:
        change = consent.grant_as_pushed if choice.accepted else consent.revoke
        await change(resources.pool, member_id, choice.template_id, written_at(push))


async def profile_modified(resources: Resources, push: Push, _now: datetime) -> None:
    """Have the nickname checked again before others see it: WeChat found the member's profile at fault and emptied it."""
    member_id = await _member_of(resources, push)
    if member_id is not None:
        await distrust_nickname(member_id)


async def authorization_changed(resources: Resources, push: Push, _now: datetime) -> None:
    """Forget what the member gave under a consent that they withdrew at WeChat, or under an account that they closed there."""
    member_id = await _member_of(resources, push)
    if member_id is None:
        log.info("authorization_of_unknown_openid", chat_event=push.event)
        return
    taken_back = await withdrawals.take_back(resources.pool, member_id, _withdrawal(push))
    log.info("authorization_withdrawn", chat_event=push.event, member_id=member_id, repeated=not taken_back)


def _withdrawal(push: Push) -> Withdrawal:
    scope = push.fields.get("RevokeInfo")
    return Withdrawal(
        push.message_key,
        push.event or "",
        scope if isinstance(scope, str) else "",
        written_at(push),
        is_closure=push.event == "user_authorization_cancellation",
    )


async def _member_of(resources: Resources, push: Push) -> int | None:
    """The sender's member id, looked up under both accounts, as consent events come from either; None if unknown."""
    for app_id in (resources.mini_program.app_id, resources.official_account.app_id):
        member_id = await resources.directory.member_of(app_id, push.openid)
        if member_id is not None:
            return member_id
    return None
