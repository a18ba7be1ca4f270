"""Answers as JSON, and the header that marks a replay.

An answer is a view, where the view's fields are those of the API, or a TypedDict made from one. mypy checks both, so they are not
validated again when they are written. OpenAPI describes the same types.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Protocol

import orjson
from aiohttp import web

from web.keys import REPLAYED_HEADER

REPLAYED: Final = {REPLAYED_HEADER: "true"}


class Dataclass(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


def json_answer(
    answer: Mapping[str, object] | Dataclass, *, status: int = 200, replayed: bool = False
) -> web.Response:
    """The HTTP answer, with dates and instants in ISO 8601; `replayed` marks the answer of an earlier request with the same key."""
    return web.Response(
        status=status,
        body=orjson.dumps(answer),
        content_type="application/json",
        headers=REPLAYED if replayed else None,
    )
