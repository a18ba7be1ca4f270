"""Request bodies, read strictly: bounded, unambiguous JSON, exact types, no unknown fields."""

import json
import math
import re
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, WithJsonSchema

from web.bounded import BodyCut, BodyOverLimit, BodyTooLate, read_bounded
from web.problems import BODY_TOO_LARGE, BODY_TOO_SLOW, BODY_UNREADABLE, INVALID, Problem

LIMIT_BYTES: Final = 64 * 1024
MAX_INTEGER_DIGITS: Final = 40
ESCAPE: Final = b"\\u"
TIMEOUT_S: Final = 10
"""A body that takes longer to arrive is refused, so that slow senders do not hold connections."""

Model = TypeVar("Model", bound=BaseModel)
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


class Body(BaseModel):
    """Base of request bodies. Types are strict (`"1"`, `true` and `1.0` are no integers), and unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _read_date(value: object) -> date:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        with suppress(ValueError):  # a day that no calendar has
            return date.fromisoformat(value)
    raise ValueError("应为日期，例如 2026-03-01")


IsoDate = Annotated[date, BeforeValidator(_read_date), WithJsonSchema({"type": "string", "format": "date"})]
"""A date in the one form there is, YYYY-MM-DD: strict types know no dates in JSON."""


def _read_instant(value: object) -> datetime:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        with suppress(ValueError, OverflowError):  # a day that no calendar has
            instant = datetime.fromisoformat(value)
            instant.astimezone(UTC)  # the first and the last days of the calendar have none
            return instant
    raise ValueError("应为带时区的时刻，例如 2026-03-01T09:30:00+08:00")


Instant = Annotated[
    datetime, BeforeValidator(_read_instant), WithJsonSchema({"type": "string", "format": "date-time"})
]
"""An instant in ISO 8601 with its offset from UTC."""


class Nothing(Body):
    """An empty object `{}`; the client may also send no body at all."""


class Ambiguous(ValueError):
    """JSON that parsers disagree about (repeated names, NaN), or with a number beyond our limits."""


async def read_body(request: web.Request, model: type[Model], limit_bytes: int = LIMIT_BYTES) -> Model:
    """The request's JSON as `model`. Raises Problem: 413 too large, 408 too slow, 400 unreadable, 422 invalid."""
    raw = await _read(request, limit_bytes)
    value = {} if not raw and not model.model_fields else parse(raw)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid(error) from None


async def _read(request: web.Request, limit_bytes: int) -> bytes:
    try:
        return await read_bounded(request, limit_bytes, TIMEOUT_S)
    except BodyOverLimit as error:
        most = f"请求内容最多 {limit_bytes // 1024} KiB。"
        raise Problem(BODY_TOO_LARGE, most, facts={"limit_bytes": limit_bytes}) from error
    except BodyTooLate as error:
        raise Problem(BODY_TOO_SLOW, f"请求内容要在 {TIMEOUT_S} 秒内发完。") from error
    except BodyCut as error:
        raise Problem(BODY_UNREADABLE, "请求内容没有完整到达。") from error


def parse(raw: bytes) -> Any:
    """The JSON value in these bytes.

    Raises Problem 400 for anything but UTF-8 JSON, and for repeated names, NaN, lone surrogates, integers of more than 40 digits,
    numbers beyond a float's range and nesting that Python's parser gives up on.
    """
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_unique_names,
            parse_constant=_no_constant,
            parse_int=_bounded_integer,
            parse_float=_finite_float,
        )
        if ESCAPE in raw:  # only an escape can bring half of a pair, which no text can be written with
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Problem(BODY_UNREADABLE, "请求内容应为一个 JSON 对象（UTF-8）。") from error
    return value


def invalid(error: ValidationError) -> Problem:
    """The 422 that names each invalid field. It does not repeat the values, which may be secrets."""
    faults = [
        {
            "field": ".".join(str(part) for part in fault["loc"]),
            "message": _message(fault["type"], fault["msg"]),
        }
        for fault in error.errors(include_url=False, include_input=False)
    ]
    named = "；".join(f"{fault['field'] or '内容'}：{fault['message']}" for fault in faults[:3])
    return Problem(INVALID, f"{named}。", facts={"errors": faults})


_MESSAGES: Final = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项",
    "int_type": "应为整数",
    "bool_type": "应为 true 或 false",
    "string_type": "应为文字",
    "string_unicode": "含有无法识别的字符",
    "string_too_short": "太短",
    "string_too_long": "太长",
    "string_pattern_mismatch": "格式不对",
    "literal_error": "不在可选的值里",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
    "too_short": "太少",
    "too_long": "太多",
    "model_type": "应为 JSON 对象",
}


def _message(kind: str, message: str) -> str:
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    return _MESSAGES.get(kind, "不合要求")


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Ambiguous("a name occurs twice")
    return value


def _no_constant(name: str) -> Any:
    raise Ambiguous(f"{name} is not JSON")


def _bounded_integer(digits: str) -> int:
    if len(digits) > MAX_INTEGER_DIGITS:
        raise Ambiguous("an integer of too many digits")
    return int(digits)


def _finite_float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Ambiguous("a number beyond a float's range")
    return number
