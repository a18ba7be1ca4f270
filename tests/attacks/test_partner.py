"""Attacks on the partner API by holders of keys and by others: scopes, revoked keys, keys in URLs (S1, S3)."""

import re
from datetime import timedelta
from typing import Any

import pytest

from partner_api.app import OPERATIONS, PREFIX
from partner_api.keys import SCOPES, revoke_key, rotate_key
from tests.attacks.matrix import TEMPLATE
from tests.house import House
from tests.miniapp_api.client import Mini
from tests.partner_api.till import till

SCOPE_OF: dict[str, str] = {
    "members": "members",
    "events": "events",
    "quotes": "deductions",
    "deductions": "deductions",
    "vouchers": "vouchers",
    "changes": "changes",
    "webhooks": "webhooks",
}
"""The scope that everything below a path wants: a path that is added without a scope fails here."""


def paths() -> list[tuple[str, str, str]]:
    """Method, path without placeholders, and the first word of it."""
    return [
        (one.method, re.sub(r"{\w+}", "1", one.path), one.path.split("/")[1].partition(":")[0])
        for one in OPERATIONS
    ]


def test_every_operation_has_a_scope() -> None:
    assert {word for _, _, word in paths()} == set(SCOPE_OF)


async def test_a_key_does_what_its_scopes_say_and_nothing_else(house: House) -> None:
    for method, path, word in paths():
        others = [scope for scope in SCOPES if scope != SCOPE_OF[word]]
        stranger = await till(house, others)
        answer = await stranger.send(method, path, body={} if method == "POST" else None)
        assert (answer.status, answer.code) == (403, "scope_missing"), path
        assert answer.json["scope"] == SCOPE_OF[word]


async def test_what_is_no_key_opens_nothing(house: House, ming: Mini) -> None:
    shop = await till(house)
    text = shop.text
    revoked = await till(house)
    await revoke_key(house.resources.pool, revoked.key.id, house.clock.now())
    rotated = await till(house)
    await rotate_key(house.resources.pool, rotated.key.id, house.clock.now(), grace=timedelta(0))
    wrong: list[dict[str, str]] = [
        {},
        {"Authorization": text},
        {"Authorization": f"Basic {text}"},
        {"Authorization": f"Bearer {text}, Bearer {text}"},
        {"Authorization": f"Bearer {text[:-1]}"},
        {"Authorization": f"Bearer {text[:17]}{'A' * 43}"},
        {"Authorization": f"Bearer {text.upper()}"},
        {"Authorization": f"Bearer {shop.key.id}"},
        {"X-Api-Key": text},
        {"Cookie": f"partner_key={text}"},
        ming.headers,
        revoked.headers,
        rotated.headers,
    ]
    for method, path, _ in paths():
        for headers in wrong:
            answer = await shop.send(method, path, headers, body={} if method == "POST" else None)
            assert (answer.status, answer.code) == (401, "unauthorized"), (path, headers)
            assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("where", ["?key={}", "?access_token={}&x=1", "?{}", "%2F{}", "?k=jf%5Flive%5Fabc"])
async def test_a_key_in_the_url_is_refused_even_beside_a_good_one(house: House, where: str) -> None:
    shop = await till(house)
    for headers in (shop.headers, {}):
        answer = await shop.send("GET", f"/members/1{where.format(shop.text)}", headers)
        assert (answer.status, answer.code) == (400, "key_in_url")
        assert "作废" in answer.json["detail"]
        assert shop.text not in answer.raw.decode()


async def test_a_key_opens_no_door_of_members_and_a_session_none_of_partners(
    house: House, ming: Mini
) -> None:
    shop = await till(house)
    bodies: dict[str, Any] = {"/me": None, "/subscriptions": {"template": TEMPLATE, "accepted": True}}
    for path, body in bodies.items():
        url = f"{house.server_url}/api/v1{path}"
        async with house.http.request(
            "POST" if body else "GET", url, json=body, headers=shop.headers
        ) as answer:
            assert answer.status == 401
    url = f"{house.server_url}{PREFIX}/members/{ming.member_id}"
    async with house.http.get(url, headers=ming.headers) as answer:
        assert answer.status == 401


async def test_no_secret_and_no_number_is_logged(
    house: House, ming: Mini, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = await till(house, per_minute=2)
    phone = await house.phone("小红")
    for path in (f"/members/{phone.number}", f"/members/{phone.number}?x={shop.text}", "/members/1"):
        await shop.get(path)
    said = "".join(capsys.readouterr())
    assert shop.text not in said
    assert phone.number not in said
