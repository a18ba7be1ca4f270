"""How often one member, one credential and one address may ask."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request

from tests.house import House, open_house
from web import limits
from web.limits import RateLimit, address_of


def test_a_burst_is_the_minutes_worth_and_then_it_goes_evenly() -> None:
    limit = RateLimit(6)
    assert [limit.wait_s("a", 0.0) for _ in range(6)] == [0.0] * 6
    assert limit.wait_s("a", 0.0) == pytest.approx(10.0)
    assert limit.wait_s("b", 0.0) == 0.0, "another key"
    assert limit.wait_s("a", 9.9) > 0
    assert limit.wait_s("a", 10.0) == 0.0
    assert limit.wait_s("a", 10.0) > 0
    assert [limit.wait_s("a", 500.0) for _ in range(6)] == [0.0] * 6, "after a pause all of it is there again"


def test_a_refused_request_is_not_counted() -> None:
    limit = RateLimit(1)
    limit.wait_s("a", 0.0)
    assert [limit.wait_s("a", 30.0) for _ in range(100)] == [30.0] * 100


def test_zero_is_no_limit() -> None:
    limit = RateLimit(0)
    assert {limit.wait_s("a", 0.0) for _ in range(10_000)} == {0.0}


def test_not_more_keys_are_kept_than_fit_and_a_loop_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KEYS", 100)
    limit = RateLimit(1)
    limit.wait_s("loop", 0.0)
    for number in range(1000):
        limit.wait_s(number, 0.0)
        assert limit.wait_s("loop", 0.0) > 0
    assert len(limit._free_at) == 100


ADDRESSES = [
    ("203.0.114.9", {}, "203.0.114.9"),
    (
        "203.0.114.9",
        {"X-Forwarded-For": "198.18.0.1"},
        "203.0.114.9",
    ),  # no proxy: what a client says of itself counts for nothing
    ("127.0.0.1", {}, None),
    ("127.0.0.1", {"X-Forwarded-For": "203.0.113.5"}, "203.0.113.5"),
    ("10.0.0.4", {"X-Forwarded-For": "1.2.3.4, 203.0.113.5"}, "203.0.113.5"),
    ("127.0.0.1", {"X-Forwarded-For": "2409:8a00::1"}, "2409:8a00::/64"),
    ("127.0.0.1", {"X-Forwarded-For": "2409:8a00::ffff:1"}, "2409:8a00::/64"),  # the same subscriber
    ("::ffff:203.0.114.9", {"X-Forwarded-For": "198.18.0.1"}, "203.0.114.9"),
    ("100.64.7.1", {"X-Forwarded-For": "203.0.113.5"}, "203.0.113.5"),  # a cloud's load balancer
    ("127.0.0.1", {"X-Forwarded-For": "unknown"}, None),
    ("127.0.0.1", {"X-Forwarded-For": "x" * 5000}, None),
]


@pytest.mark.parametrize(("peer", "headers", "expected"), ADDRESSES)
def test_the_address_is_the_peers_or_what_the_proxy_says(
    peer: str, headers: dict[str, str], expected: str | None
) -> None:
    assert address_of(make_mocked_request("GET", "/", headers=headers).clone(remote=peer)) == expected


@pytest.fixture
async def strict(
    migrated_url: str, redis_url: str, tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[House]:
    """The house with tight limits."""
    tight = {"member_per_minute": 5, "address_per_minute": 12}
    async with open_house(migrated_url, redis_url, tmp_path, unused_tcp_port, **tight) as opened:
        yield opened


async def ask(house: House, headers: dict[str, str], path: str = "/me") -> tuple[int, str | None]:
    async with house.http.get(f"{house.server_url}/api/v1{path}", headers=headers) as answer:
        if answer.status == 429:
            told = await answer.json()
            assert (told["code"], told["status"]) == ("too_many_requests", 429)
            assert answer.content_type == "application/problem+json"
        return answer.status, answer.headers.get("Retry-After")


async def test_a_member_who_loops_is_told_when_to_come_again_and_nobody_else_is(strict: House) -> None:
    ming, hong = await strict.phone("小明"), await strict.phone("小红")
    first, second = await strict.session(ming), await strict.session(ming)
    other = await strict.session(hong)
    assert [(await ask(strict, first))[0] for _ in range(5)] == [200] * 5
    assert await ask(strict, first) == (429, "12")
    assert await ask(strict, second) == (429, "12"), "another session of the same member"
    assert await ask(strict, other) == (200, None)
    async with strict.http.post(
        f"{strict.server_url}/api/v1/check-ins", headers=first | {"Idempotency-Key": "k"}, json={}
    ) as answer:
        assert answer.status == 429
    assert await strict.ledger.count("check_in") == 0


async def test_an_address_is_limited_before_anybody_is_looked_up(strict: House) -> None:
    here, there = {"X-Forwarded-For": "203.0.113.5"}, {"X-Forwarded-For": "203.0.113.6"}
    guessed = [{"Authorization": f"Bearer {number:043d}"} for number in range(14)]
    statuses = [(await ask(strict, here | one))[0] for one in guessed]
    assert statuses == [401] * 12 + [429] * 2
    assert (await ask(strict, there | guessed[13]))[0] == 401
    assert (await ask(strict, here, "/rules"))[0] == 429, "public operations, too"


async def test_the_chat_is_not_limited_by_address(strict: House) -> None:
    """WeChat's own few servers speak for all members."""
    phone = await strict.follower()
    for _ in range(14):
        said = await phone.say("积分")
        assert said["attempts"] == 1
