"""The mini-program's API: its route table under /api/v1, and the description of it."""

from importlib.metadata import version

from aiohttp import web

from miniapp_api import (
    appeals,
    checkin,
    draws,
    erasure,
    extensions,
    me,
    missions,
    packs,
    personal,
    polls,
    redemptions,
    referral,
    repair,
    reward,
    rules,
    session,
    subscriptions,
    suggestions,
    wheel,
)
from miniapp_api.vocabulary import VOCABULARY
from web.docs import add_docs
from web.middleware import api_middleware_below
from web.openapi import Api, openapi
from web.operations import add_operations
from web.vocabulary import Json

PREFIX = "/api/v1"
TITLE = "Jifen API"
"""In ASCII, because generators of clients name a package by it."""

OPERATIONS = (
    *session.OPERATIONS,
    *me.OPERATIONS,
    *checkin.OPERATIONS,
    *repair.OPERATIONS,
    *extensions.OPERATIONS,
    *wheel.OPERATIONS,
    *draws.OPERATIONS,
    *reward.OPERATIONS,
    *redemptions.OPERATIONS,
    *missions.OPERATIONS,
    *polls.OPERATIONS,
    *referral.OPERATIONS,
    *packs.OPERATIONS,
    *suggestions.OPERATIONS,
    *appeals.OPERATIONS,
    *erasure.OPERATIONS,
    *personal.OPERATIONS,
    *rules.OPERATIONS,
    *subscriptions.OPERATIONS,
)

API = Api(PREFIX, "mini-program", OPERATIONS, VOCABULARY)


def mount(app: web.Application) -> None:
    """Add the API and its documentation. `app[RESOURCES]` must be set before the first request."""
    app.middlewares.append(api_middleware_below(PREFIX))
    add_operations(app, PREFIX, OPERATIONS)
    describe(app)


def describe(app: web.Application) -> None:
    """Add the OpenAPI description and the page that shows it."""
    add_docs(app, description)


def description() -> Json:
    """The OpenAPI description."""
    return openapi(TITLE, version("jifen"), [API])
