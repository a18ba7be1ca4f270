"""The conditions under which a send by a route is allowed now: an open window, the kind's own limit, a consent of the member."""

from typing import Final

from channels import consent, outbox
from channels.routes import Declined, Route
from channels.sending import Send
from wechat.errors import ApiError, OutcomeUnknown

NO_CONSENT: Final = 43101


async def begin_send(send: Send, route: Route) -> Declined | None:
    """Take the permission that the route needs and mark the row as being sent; returns why, if the route is closed.

    Raises outbox.LeaseLost: then nothing may be sent.
    """
    senders, attempt = send.senders, send.attempt
    if route.channel == "customer_service" and not await senders.windows.take(route.openid, attempt.now):
        return Declined("window_closed")
    await outbox.begin(senders.pool, attempt.notice, route.channel, attempt.now)
    reason = await send.kind.limit(attempt, route.channel)
    if reason is not None:
        return Declined(reason)
    if route.channel != "subscribe" or route.template is None:
        return None
    member_id, template_id = attempt.recipient.member_id, route.template.template_id
    return None if await consent.take_one(senders.pool, member_id, template_id) else Declined("no_consent")


async def correct_consent(send: Send, route: Route, error: ApiError) -> None:
    """After a failed subscribe message: give the consent back, or drop all where WeChat says there is none (43101).

    With an unknown outcome the message may have used the consent up, so the count stays as it is.
    """
    if route.channel != "subscribe" or route.template is None or isinstance(error, OutcomeUnknown):
        return
    correct = consent.revoke if error.errcode == NO_CONSENT else consent.grant
    member_id, template_id = send.attempt.recipient.member_id, route.template.template_id
    await correct(send.senders.pool, member_id, template_id, send.attempt.now)
