"""S6: every number a client may send × every way to write one that is none; nothing is rounded, clamped or half done."""

import json
from collections.abc import Iterator
from typing import Any

from tests.attacks.fuzz import operations
from tests.attacks.matrix import COOKIE
from tests.house import House
from tests.ledger import rules_with
from tests.miniapp_api.client import mini, send

AMOUNTS = [
    "-1", "0", "-0", "1.0", "1.5", "0.1", "1e0", "1E2", "1e-1", "-1e0", "1e400", "-1e400", "01", "+1", "0x1", "0b1", "1_000",
    '"1"', '"one"', "true", "false", "null", "[1]", '{"a": 1}', "9007199254740992", "9007199254740993",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551617", "1" * 41, "9" * 4000,
    "NaN", "Infinity", "-Infinity", "１", "1;", "1 1", "",
]  # fmt: skip
"""As they would stand in the JSON text."""
GOOD: dict[str, Any] = {"RedeemBody": COOKIE, "DrawsBody": {"count": 1}}
"""A good body for each that has numbers in it; a new one without an example fails."""


def numbers(description: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Method, path, body and name of each integer that a request's body may hold."""
    schemas = description["components"]["schemas"]
    for method, path, described in operations(description):
        content = described.get("requestBody", {}).get("content", {})
        for media in content.values():
            body = media["schema"]["$ref"].rsplit("/", 1)[1]
            for name, schema in schemas[body].get("properties", {}).items():
                if schema.get("type") in ("integer", "number"):
                    yield method, path, body, name


async def test_s6_numbers_that_are_none(house: House) -> None:
    await house.ledger.publish(rules_with(welcome={"points": 1_000_000}))
    ming = await mini(house)
    async with house.http.get(f"{house.server_url}/openapi.json") as answer:
        description = await answer.json()
    found = list(numbers(description))
    assert {body for _, _, body, _ in found} == set(GOOD)
    before = await house.ledger.traces(ming.member_id)
    for method, path, body, name in found:
        path = path.removeprefix("/api/v1").replace("{wheel}", "lucky")
        for amount in AMOUNTS:
            headers = {**ming.headers, "Idempotency-Key": "s6", "Content-Type": "application/json"}
            text = json.dumps({**GOOD[body], name: "here"}).replace('"here"', amount)
            answered = await send(house, method, path, headers, data=text.encode())
            assert (answered.status, answered.code) in {(400, "body_unreadable"), (422, "invalid")}, text[:80]
    assert await house.ledger.traces(ming.member_id) == before


async def test_s6_the_largest_order_is_counted_exactly(house: House) -> None:
    """What is allowed at its edge: the price is multiplied in whole numbers and refused whole."""
    ming = await mini(house)
    for quantity, needed in ((100, 6_000), (2, 120)):
        answer = await ming.once("/redemptions", {"reward_id": "cookie", "quantity": quantity})
        assert (answer.status, answer.json["needed"], answer.json["available"]) == (409, needed, 100)
    assert (await ming.get("/me")).json["balance"] == 100


async def test_s6_the_most_that_rules_may_give(house: House) -> None:
    """The most that rules may give still fits, adds up, and is told exactly."""
    most = 10_000_000
    await house.ledger.publish(rules_with(welcome={"points": most}))
    ming = await mini(house)
    assert (await ming.get("/me")).json["balance"] == most
    assert (await ming.once("/check-ins", {})).json["balance"] == most + 10
