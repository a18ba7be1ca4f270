"""/webhooks: the addresses to which changes are sent, what became of each delivery, and sending again."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from channels.webhooks.addresses import AddressRefused, check_address
from channels.webhooks.deliveries import DeliveryView, deliveries, replay
from channels.webhooks.endpoints import (
    MOST_PER_KEY,
    TooManyWebhooks,
    Webhook,
    add_webhook,
    remove_webhook,
    webhooks_of,
)
from partner_api.requests import PARTNERS, SCOPE_MISSING, PartnerRequest
from web.answers import json_answer
from web.bodies import Body, Nothing
from web.problems import Kind, Problem

ADDRESS_REFUSED = Kind("address_refused", 422, "这个网址不能用")
TOO_MANY_WEBHOOKS = Kind("too_many_webhooks", 409, "登记的网址太多了")
UNKNOWN_WEBHOOK = Kind("unknown_webhook", 404, "没有登记过这个网址")
MOST_LISTED = 100

ChangeId = Annotated[str, StringConstraints(pattern=r"^chg_[0-9]{1,19}_[0-9]{1,19}$")]


class WebhookBody(Body):
    """The address to register."""

    url: Annotated[str, Field(min_length=1, max_length=500)]


class ReplayBody(Body):
    """The changes to send again; without any, all whose delivery was given up."""

    changes: Annotated[list[ChangeId], Field(min_length=1, max_length=500)] | None = None


class WebhookAnswer(TypedDict):
    """A registered address. It was stopped if it said that it is gone."""

    id: str
    url: str
    created_at: datetime
    stopped_because: str | None


class NewWebhookAnswer(WebhookAnswer):
    """A new address, with the secret that signs, which is shown this once."""

    secret: str


class WebhooksAnswer(TypedDict):
    """The addresses of the key."""

    items: list[WebhookAnswer]


class DeliveriesAnswer(TypedDict):
    """The latest deliveries, newest first."""

    items: list[DeliveryView]


class ReplayAnswer(TypedDict):
    """How many deliveries are sent again."""

    replayed: int


class RemovedAnswer(TypedDict):
    """The address that was removed."""

    id: str


async def create_webhook(request: PartnerRequest, body: WebhookBody) -> web.Response:
    """Register an address; it gets all changes from now on."""
    partner = request.caller
    resources = partner.resources
    try:
        url = check_address(body.url, private_allowed=resources.settings.webhook_private == "allow")
        made = await add_webhook(
            resources.pool, resources.settings.keyring, partner.key.id, partner.key.store, url, request.now
        )
    except AddressRefused as refused:
        raise Problem(ADDRESS_REFUSED, str(refused)) from refused
    except TooManyWebhooks as many:
        raise Problem(TOO_MANY_WEBHOOKS, f"一个密钥最多登记 {MOST_PER_KEY} 个网址。") from many
    answer = NewWebhookAnswer(
        id=made.id, url=url, created_at=request.now, stopped_because=None, secret=made.secret
    )
    return json_answer(answer, status=201)


async def list_webhooks(request: PartnerRequest) -> web.Response:
    """The addresses of this key."""
    found = await webhooks_of(request.caller.resources.pool, request.caller.key.id)
    return json_answer(WebhooksAnswer(items=[_answer(one) for one in found]))


async def delete_webhook(request: PartnerRequest, _: Nothing) -> web.Response:
    """Remove an address; nothing more is sent there."""
    webhook_id, key_id = request.path("webhook"), request.caller.key.id
    removed = await request.caller.engine.transact(
        lambda connection: remove_webhook(connection, webhook_id, request.now, key_id)
    )
    if removed is None:
        raise Problem(UNKNOWN_WEBHOOK, "这个密钥没有登记过它。")
    return json_answer(RemovedAnswer(id=webhook_id))


async def list_deliveries(request: PartnerRequest) -> web.Response:
    """What became of the latest deliveries."""
    one = await _own(request)
    return json_answer(
        DeliveriesAnswer(items=await deliveries(request.caller.resources.pool, one.id, MOST_LISTED))
    )


async def replay_deliveries(request: PartnerRequest, body: ReplayBody) -> web.Response:
    """Send again: the changes named, or all that were given up."""
    one = await _own(request)
    count = await replay(request.caller.resources.pool, one.id, body.changes, request.now)
    return json_answer(ReplayAnswer(replayed=count))


async def _own(request: PartnerRequest) -> Webhook:
    webhook_id = request.path("webhook")
    for one in await webhooks_of(request.caller.resources.pool, request.caller.key.id):
        if one.id == webhook_id:
            return one
    raise Problem(UNKNOWN_WEBHOOK, "这个密钥没有登记过它。")


def _answer(one: Webhook) -> WebhookAnswer:
    return WebhookAnswer(
        id=one.id, url=one.url, created_at=one.created_at, stopped_because=one.stopped_because
    )


_HOOKS = PARTNERS["webhooks"]
OPERATIONS = (
    _HOOKS.with_body(
        "POST", "/webhooks", create_webhook, "登记网址", WebhookBody, NewWebhookAnswer, status=201,
        problems=(SCOPE_MISSING, ADDRESS_REFUSED, TOO_MANY_WEBHOOKS),
    ),
    _HOOKS.get("/webhooks", list_webhooks, "看登记的网址", WebhooksAnswer, problems=(SCOPE_MISSING,)),
    _HOOKS.with_body(
        "DELETE", "/webhooks/{webhook}", delete_webhook, "去掉网址", Nothing, RemovedAnswer,
        problems=(SCOPE_MISSING, UNKNOWN_WEBHOOK),
    ),
    _HOOKS.get(
        "/webhooks/{webhook}/deliveries", list_deliveries, "看推送结果", DeliveriesAnswer,
        problems=(SCOPE_MISSING, UNKNOWN_WEBHOOK),
    ),
    _HOOKS.with_body(
        "POST", "/webhooks/{webhook}/replay", replay_deliveries, "重新推送", ReplayBody, ReplayAnswer,
        problems=(SCOPE_MISSING, UNKNOWN_WEBHOOK),
    ),
)  # fmt: skip
