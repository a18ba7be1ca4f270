"""Request bodies, read strictly: bounded, unambiguous JSON, exact types, no unknown fields."""

import json
import math
from typing import Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from web.bounded import BodyCut, BodyOverLimit, BodyTooLate, read_bounded
from web.problems import BODY_TOO_LARGE, BODY_TOO_SLOW, BODY_UNREADABLE, INVALID, Problem

LIMIT_BYTES: Final = 64 * 1024
LONGEST_INTEGER: Final = 40
PATIENCE_S: Final = 10
"""How long a body may take to arrive, so that slow senders hold nothing."""

Model = TypeVar("Model", bound=BaseModel)


class Body(BaseModel):
    """Base of request bodies: a string is no number, `true` and `1.0` are no integers, unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Nothing(Body):
    """`{}`, which may also be left out."""


class Ambiguous(ValueError):
    """JSON that a reader could take in more than one way, or that is out of all measure."""


async def read_body(request: web.Request, model: type[Model]) -> Model:
    """The request's JSON as `model`. Raises Problem: 413 too large, 408 too slow, 400 unreadable, 422 invalid."""
    raw = await _read(request)
    value = {} if not raw and not model.model_fields else parse(raw)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid(error) from None


async def _read(request: web.Request) -> bytes:
    try:
        return await read_bounded(request, LIMIT_BYTES, PATIENCE_S)
    except BodyOverLimit as error:
        raise Problem(BODY_TOO_LARGE, "请求内容最多 64 KiB。", facts={"limit_bytes": LIMIT_BYTES}) from error
    except BodyTooLate as error:
        raise Problem(BODY_TOO_SLOW, f"请求内容要在 {PATIENCE_S} 秒内发完。") from error
    except BodyCut as error:
        raise Problem(BODY_UNREADABLE, "请求内容没有完整到达。") from error


def parse(raw: bytes) -> Any:
    """The JSON value in these bytes.

    Raises Problem 400 for anything but UTF-8 JSON without repeated names, NaN, lone surrogates, or numbers and
    nesting beyond measure.
    """
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_finite,
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Problem(BODY_UNREADABLE, "请求内容应为一个 JSON 对象（UTF-8）。") from error
    return value


def invalid(error: ValidationError) -> Problem:
    """A 422 that names each field at fault; the values are not repeated."""
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
    "model_type": "应为 JSON 对象",
}


def _message(kind: str, said: str) -> str:
    if kind == "value_error":
        return said.removeprefix("Value error, ")
    return _MESSAGES.get(kind, "不合要求")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Ambiguous("a name occurs twice")
    return value


def _no_constant(name: str) -> Any:
    raise Ambiguous(f"{name} is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_INTEGER:
        raise Ambiguous("an integer beyond measure")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Ambiguous("a number beyond measure")
    return number
