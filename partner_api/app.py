"""The partner API: its route table under /partner/v1, and the description of it."""

from importlib.metadata import version

from aiohttp import web

from partner_api import changes, deductions, events, members, vouchers, webhooks
from partner_api.vocabulary import VOCABULARY
from web.docs import add_description
from web.middleware import api_middleware_below
from web.openapi import Api, openapi
from web.operations import add_operations
from web.vocabulary import Json

ROOT = "/partner"
PREFIX = f"{ROOT}/v1"
TITLE = "Jifen Partner API"
"""In ASCII, because generators of clients name a package by it."""

OPERATIONS = (
    *members.OPERATIONS,
    *events.OPERATIONS,
    *deductions.OPERATIONS,
    *vouchers.OPERATIONS,
    *changes.OPERATIONS,
    *webhooks.OPERATIONS,
)

API = Api(PREFIX, "partner", OPERATIONS, VOCABULARY)


def mount(app: web.Application) -> None:
    """Add the API and its description. `app[RESOURCES]` and `app[COUNTS]` must be set before the first request."""
    app.middlewares.append(api_middleware_below(PREFIX))
    add_operations(app, PREFIX, OPERATIONS)
    add_description(app, f"{ROOT}/openapi.json", description)


def description() -> Json:
    """The OpenAPI description."""
    return openapi(TITLE, version("jifen"), [API])
