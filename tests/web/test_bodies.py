"""Strict JSON: what is read, what is refused, and that nothing else can happen."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from web import bodies
from web.bodies import Body, Nothing, invalid, parse
from web.middleware import api_middleware
from web.problems import BODY_UNREADABLE, Problem

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
)


@given(JSON)
def test_every_json_value_is_read_as_it_is(value: Any) -> None:
    for ensure_ascii in (True, False):
        assert parse(json.dumps(value, ensure_ascii=ensure_ascii).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        value = parse(raw)
    except Problem:
        return
    assert parse(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"{",
        b"NaN",
        b"[Infinity]",
        b"1e400",
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b'["\\udfff"]',
        b'{"\\ud800":1}',
        b"\x00",
        b"{}\x00",
        b"1" * 41,
        b"[" * 60_000,
        "{“a”: 1}".encode(),
    ],
)
def test_refused(raw: bytes) -> None:
    with pytest.raises(Problem) as refused:
        parse(raw)
    assert refused.value.kind is BODY_UNREADABLE


class Order(Body):
    count: Annotated[int, Field(ge=1, le=9)]
    note: str = ""


@pytest.mark.parametrize(
    ("value", "field", "message"),
    [
        ({}, "count", "缺少这一项"),
        ({"count": "1"}, "count", "应为整数"),
        ({"count": True}, "count", "应为整数"),
        ({"count": 1.0}, "count", "应为整数"),
        ({"count": None}, "count", "应为整数"),
        ({"count": 0}, "count", "太小"),
        ({"count": 10**40}, "count", "太大"),
        ({"count": 1, "note": 1}, "note", "应为文字"),
        ({"count": 1, "extra": 1}, "extra", "没有这一项"),
        ([], "", "应为 JSON 对象"),
    ],
)
def test_what_is_wrong_is_named(value: Any, field: str, message: str) -> None:
    with pytest.raises(ValidationError) as found:
        Order.model_validate(value)
    problem = invalid(found.value)
    assert problem.kind.status == 422
    assert problem.facts == {"errors": [{"field": field, "message": message}]}


def test_a_wrong_value_is_not_repeated() -> None:
    with pytest.raises(ValidationError) as found:
        Order.model_validate({"count": "secret-value"})
    assert "secret-value" not in str(invalid(found.value).facts)


def test_nothing_is_an_empty_object() -> None:
    assert Nothing.model_validate({}) == Nothing()
    with pytest.raises(ValidationError):
        Nothing.model_validate({"points": 1})


async def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "TIMEOUT_S", 0.05)

    async def handler(request: web.Request) -> web.StreamResponse:
        await bodies.read_body(request, Nothing)
        return web.Response()

    async def dripping() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(1)
        yield b"}"

    app = web.Application(middlewares=[api_middleware])
    app.router.add_post("/", handler)
    async with TestClient(TestServer(app)) as client, client.post("/", data=dripping()) as answer:
        assert answer.status == 408
