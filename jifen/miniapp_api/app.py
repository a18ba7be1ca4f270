"""The mini-program's door: its route table under /api/v1, and the description of it."""

from importlib.metadata import version

from aiohttp import web

from jifen.miniapp_api import (
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
from jifen.miniapp_api.visits import SEEN_TODAY, SeenToday
from jifen.runtime.resources import RESOURCES
from jifen.web.docs import add_docs
from jifen.web.openapi import Door, openapi
from jifen.web.operations import add_operations
from jifen.web.shield import shield

PREFIX = "/api/v1"

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
    """Add the door and its documentation; `app[RESOURCES]` must be there."""
    door = web.Application(middlewares=[shield])
    door[RESOURCES], door[SEEN_TODAY] = app[RESOURCES], SeenToday()
    add_operations(door, OPERATIONS)
    app.add_subapp(PREFIX, door)
    describe(app)


def describe(app: web.Application) -> None:
    """Add the door's OpenAPI document and the page that shows it."""
    add_docs(app, openapi("积分 API", version("jifen"), [DOOR]))
