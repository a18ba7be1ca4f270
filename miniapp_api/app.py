"""The mini-program's door: its route table under /api/v1, and the description of it."""

from importlib.metadata import version

from aiohttp import web
from aiohttp.typedefs import Handler

from miniapp_api import (
    checkin,
    draws,
    me,
    redemptions,
    referral,
    reward,
    rules,
    session,
    subscriptions,
    wheel,
)
from miniapp_api.visits import SEEN_TODAY, SeenToday
from web.docs import add_docs
from web.openapi import Door, openapi
from web.operations import add_operations
from web.shield import shield

PREFIX = "/api/v1"
BELOW = f"{PREFIX}/"

OPERATIONS = (
    *session.OPERATIONS,
    *me.OPERATIONS,
    *checkin.OPERATIONS,
    *wheel.OPERATIONS,
    *draws.OPERATIONS,
    *reward.OPERATIONS,
    *redemptions.OPERATIONS,
    *referral.OPERATIONS,
    *rules.OPERATIONS,
    *subscriptions.OPERATIONS,
)

DOOR = Door(PREFIX, "小程序", OPERATIONS)


def mount(app: web.Application) -> None:
    """Add the door and its documentation; `app[RESOURCES]` must be there when it starts."""
    app[SEEN_TODAY] = SeenToday()
    app.middlewares.append(shielded_below)
    add_operations(app, PREFIX, OPERATIONS)
    describe(app)


@web.middleware
async def shielded_below(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Shield the door's prefix and everything below it, also what has no route."""
    if request.path.startswith(BELOW) or request.path == PREFIX:
        return await shield(request, handler)
    return await handler(request)


def describe(app: web.Application) -> None:
    """Add the door's OpenAPI document and the page that shows it."""
    add_docs(app, openapi("积分 API", version("jifen"), [DOOR]))
