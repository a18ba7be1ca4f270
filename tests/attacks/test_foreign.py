"""S1: other people's ids in path, query, body and headers of every route: only the session's member counts.

The matrix is every route of the server against every thing of a victim's. Whatever is tried, the attacker hears what they would
have heard without it, nothing of the victim's comes back, and no row of the victim's changes.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from loyalty.personal import limit
from tests.attacks.matrix import CHAT, HEADERS, NAMES, OF_NOBODY, OF_STAFF, ROWS, Cast, cast, routes
from tests.house import House
from tests.miniapp_api.client import Answered, send, without_request_id

LOGIN = "POST /api/v1/session"
WRITING = [route for route in ROWS if not route.startswith("GET")]
MEMBERS_ROWS = ("member", "session", "identity", "contact", "consent", "referral_code")


@pytest.fixture
async def people(house: House, monkeypatch: pytest.MonkeyPatch) -> Cast:
    monkeypatch.setattr(limit, "MOST_A_DAY", 1_000)  # the copy of one's data is asked for in every way
    return await cast(house)


async def test_every_route_has_a_row(house: House) -> None:
    """S1: a route that is added without a thought about whose things it shows fails here."""
    assert set(routes(house)) == set(ROWS) | OF_NOBODY | OF_STAFF | CHAT
    for route, row in ROWS.items():
        assert set(row.public) | set(row.owned) == set(placeholders(route)), route


def placeholders(route: str) -> list[str]:
    return [part[1:-1] for part in route.split("/") if part.startswith("{")]


@asynccontextmanager
async def untouched(people: Cast) -> AsyncIterator[None]:
    """The block changes nothing that is the victim's."""
    before = await _rows(people)
    yield
    assert await _rows(people) == before


async def _rows(people: Cast) -> dict[str, Any]:
    house, member_id = people.attacker.house, people.victim.member_id
    rows: dict[str, Any] = {**await house.ledger.traces(member_id)}
    del rows["stock"]
    for table in MEMBERS_ROWS:
        rows[table] = await house.resources.pool.fetchval(
            f"SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM {table} t WHERE member_id = $1",  # noqa: S608  # our own names
            member_id,
        )
    return rows


@pytest.mark.slow
async def test_other_peoples_things_in_headers_and_query(people: Cast) -> None:
    """S1: every route × every thing, under each of the headers' and query's names; the answer is what it is without."""
    async with untouched(people):
        for route in ROWS:
            plain = await ask(people, route)
            assert plain.status < 300 or plain.code == ROWS[route].refusal, (route, plain.json)
            for thing, value in people.things.items():
                headers = {name: value.encode().decode("latin-1") for name in HEADERS}
                for answer in (
                    await ask(people, route, headers=headers),
                    await ask(people, route, query=dict.fromkeys(NAMES, value)),
                ):
                    assert same(people, answer, plain), (route, thing, answer.json)


async def test_other_peoples_things_in_the_body(people: Cast) -> None:
    """S1: a body says what is asked, never for whom: any further field is refused and nothing moves, on either side."""
    attacker = people.attacker
    before = await attacker.house.ledger.traces(attacker.member_id)
    async with untouched(people):
        for route in WRITING:
            for thing, value in people.things.items():
                for name in {*NAMES, thing} - set(ROWS[route].body):
                    answer = await ask(people, route, extra={name: value})
                    assert (answer.status, answer.code) == (422, "invalid"), (route, name, answer.json)
    assert await attacker.house.ledger.traces(attacker.member_id) == before


async def test_other_peoples_things_in_the_path(people: Cast) -> None:
    """S1: every placeholder × every thing of the victim's: not found, as if it were nobody's."""
    async with untouched(people):
        for route in ROWS:
            for name in placeholders(route):
                for thing, value in people.things.items():
                    fresh = {"Idempotency-Key": f"path-{thing}"} if ROWS[route].keyed else {}
                    answer = await ask(people, route, headers=fresh, named={name: value})
                    assert (answer.status, answer.code) == (404, f"unknown_{name}"), (
                        route,
                        thing,
                        answer.json,
                    )
                    assert silent(people, answer), (route, thing)


async def test_another_session_beside_or_instead_of_ones_own(people: Cast) -> None:
    """S1: two Authorizations are none; a token elsewhere than in Authorization is no session."""
    theirs, token = people.victim.headers["Authorization"], people.things["token"]
    async with untouched(people):
        for route in ROWS:
            if route == LOGIN:
                continue
            for headers, query in (
                ({"Authorization": f"{people.attacker.headers['Authorization']}, {theirs}"}, {}),
                ({"Authorization": token}, {}),
                ({"Authorization": f"Basic {token}"}, {}),
                ({"Cookie": f"session={token}; token={token}; Authorization={theirs}"}, {}),
                ({"Proxy-Authorization": theirs, "X-Authorization": theirs, "X-Session-Token": token}, {}),
                ({}, {"token": token, "access_token": token, "authorization": theirs}),
            ):
                answer = await ask(people, route, headers=headers, query=query, session=False)
                assert (answer.status, answer.code) == (401, "unauthorized"), (route, headers, query)


async def test_another_members_request_key_reads_nothing(people: Cast) -> None:
    """S7: a guessed key of the victim's starts a request of one's own, on every route that takes a key."""
    async with untouched(people):
        for route, row in ROWS.items():
            if row.keyed:
                answer = await ask(people, route, headers={"Idempotency-Key": people.things["request_key"]})
                assert not answer.replayed, route
                assert silent(people, answer), route
                assert answer.status < 300 or answer.code in ("idempotency_key_reused", row.refusal), (
                    route,
                    answer.json,
                )


async def test_another_members_cursor_pages_through_ones_own_list(people: Cast) -> None:
    """S1: a cursor is a place, not a permission."""
    mine = {
        str(entry["id"]) for entry in (await people.attacker.get("/me/entries", limit="100")).json["items"]
    }
    paged = await people.attacker.get("/me/entries", cursor=people.things["cursor"], limit="100")
    assert paged.status == 200
    assert {str(entry["id"]) for entry in paged.json["items"]} <= mine
    assert silent(people, paged)


async def ask(
    people: Cast,
    route: str,
    *,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    named: dict[str, str] | None = None,
    extra: dict[str, str] | None = None,
    session: bool = True,
) -> Answered:
    """The attacker's good request to a route, with something foreign added."""
    row, attacker = ROWS[route], people.attacker
    method, path = route.split(" ")
    for name, value in {
        **row.public,
        **{name: people.own[name] for name in row.owned},
        **(named or {}),
    }.items():
        path = path.replace(f"{{{name}}}", value)
    body = row.body
    if route == LOGIN and extra is None:
        body = {"code": await people.attacker_phone.login()}
    elif route == "POST /api/v1/referral/bind":
        body = {"code": people.friend_code}
    sent = {
        **(attacker.headers if session else {}),
        **({"Idempotency-Key": f"own-{route.split('/')[-1]}"} if row.keyed else {}),
        **(headers or {}),
    }
    return await send(
        attacker.house,
        method,
        path.removeprefix("/api/v1"),
        sent,
        body=None if body is None else {**body, **(extra or {})},
        query=query,
    )


def same(people: Cast, answer: Answered, plain: Answered) -> bool:
    """Whether two answers say the same; of a login, who it is for."""
    if plain.json is not None and "token" in plain.json:
        return bool(answer.status == 200 and answer.json["member"] == plain.json["member"])
    if plain.json is not None and "made_at" in plain.json:
        return uncounted(answer) == uncounted(plain) and silent(people, answer)
    if plain.status >= 400:  # a problem names the request it answers
        return without_request_id(answer) == without_request_id(plain) and silent(people, answer)
    return answer.status == plain.status and answer.raw == plain.raw and silent(people, answer)


def uncounted(copy: Answered) -> list[Any]:
    """A copy of somebody's data without the number of their copies, which each of them raises."""
    return [copy.json["member_id"], *(one for one in copy.json["sections"] if "导出" not in one["title"])]


def silent(people: Cast, answer: Answered) -> bool:
    """Whether nothing of the victim's is in an answer."""
    text = answer.raw.decode("utf-8", "replace")
    return not any(mark in text for mark in people.marks)
