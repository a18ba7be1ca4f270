"""Answers: JSON in the contract's types, and the header that marks a repeat."""

from datetime import datetime
from typing import Annotated, Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema

from jifen.web.keys import REPLAYED_HEADER

Instant = Annotated[
    datetime,
    PlainSerializer(lambda instant: instant.isoformat(), return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An aware instant, written as ISO 8601 with its offset."""

REPLAYED: Final = {REPLAYED_HEADER: "true"}


class Answer(BaseModel):
    """Base of answers; built from a view of the same field names, or by name."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def json_answer(answer: Answer, *, status: int = 200, replayed: bool = False) -> web.Response:
    """The HTTP answer; `replayed` marks one that was given before under the same key."""
    return web.Response(
        status=status,
        body=answer.model_dump_json().encode(),
        content_type="application/json",
        headers=REPLAYED if replayed else None,
    )
