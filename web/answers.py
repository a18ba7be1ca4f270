"""Answers: JSON in the contract's types, and the header that marks a repeat.

An answer is a view as it is, where its fields are the contract's, or a TypedDict made of one: neither is checked again when it is
written, as mypy has checked what it is made of. OpenAPI describes the same types.
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
    """The HTTP answer; `replayed` marks one that was given before under the same key. Dates and instants are ISO 8601."""
    return web.Response(
        status=status,
        body=orjson.dumps(answer),
        content_type="application/json",
        headers=REPLAYED if replayed else None,
    )
