"""The routes by which a notice may reach a member: a channel, an openid, and a template where the channel needs one."""

from typing import NamedTuple

from channels.notices.kind import Templates
from channels.outbox import Channel
from channels.recipient import Recipient
from loyalty.programme.declaring.sections import Template


class Route(NamedTuple):
    """A channel, the member's openid there, and the template where the channel needs one."""

    channel: Channel
    openid: str
    template: Template | None = None


class Declined(NamedTuple):
    """Why nothing can be sent by a route for now, and the fault of the set-up that closes it, if any; the next route is tried."""

    reason: str
    fault: str | None = None


def routes(templates: Templates, recipient: Recipient) -> tuple[Route, ...]:
    """The routes in the order they are tried: a customer-service message comes first, as it uses up no quota."""
    found: list[Route] = []
    if recipient.oa_openid is not None:
        found.append(Route("customer_service", recipient.oa_openid))
    if recipient.miniapp_openid is not None and templates.subscribe is not None:
        found.append(Route("subscribe", recipient.miniapp_openid, templates.subscribe))
    if recipient.oa_openid is not None and templates.template is not None:
        found.append(Route("template", recipient.oa_openid, templates.template))
    return tuple(found)
