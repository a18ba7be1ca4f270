"""What members allow and what became of messages: events of either account that nobody answers."""

from datetime import datetime

import structlog

from bot.chat import written_at
from channels import consent, outbox
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
    """Count what the member accepted, forget what the member refused."""
    member_id = await _whose(resources, push)
    if member_id is None:
        log.info("consent_of_a_stranger", chat_event=push.event)
        return
    for choice in push.choices:
        change = consent.grant_as_pushed if choice.accepted else consent.revoke
        await change(resources.pool, member_id, choice.template_id, written_at(push))


async def authorization_changed(_resources: Resources, push: Push, _now: datetime) -> None:
    """The member withdrew a permission to use profile data, none of which is kept here: noted only."""
    log.info("authorization_changed", chat_event=push.event)


async def _whose(resources: Resources, push: Push) -> int | None:
    """Consent events come from either account, with that account's openid."""
    for app_id in (resources.mini_program.app_id, resources.official_account.app_id):
        member_id = await resources.directory.member_of(app_id, push.openid)
        if member_id is not None:
            return member_id
    return None
