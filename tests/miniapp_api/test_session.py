"""Logging in: who the code stands for, what the platform refuses, and what a token is good for."""

from datetime import datetime, timedelta

import pytest

from loyalty.engine.transactions import EngineUnavailable
from miniapp_api.sessions import LIFETIME, hash_token
from tests.house import House
from tests.ledger import DAY_S
from tests.miniapp_api.client import Mini, mini, send

WAKE_UP = "ug8GY5O88fkL9vIaYxNp7BsLY01CxFgDodjVLGyyFdE"
SESSION_PATH = "/sns/jscode2session"


async def test_a_new_member_is_enrolled_and_welcomed(house: House) -> None:
    phone = await house.phone()
    answer = await send(house, "POST", "/session", body={"code": await phone.login()})
    assert answer.status == 200
    assert set(answer.json) == {"token", "expires_at", "member"}
    assert answer.json["member"]["balance"] == 100
    assert datetime.fromisoformat(answer.json["expires_at"]) == house.clock.now() + LIFETIME
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_same_phone_is_the_same_member(house: House) -> None:
    phone = await house.phone()
    first, second = await house.session(phone), await house.session(phone)
    assert first != second
    members = [(await send(house, "GET", "/me", headers)).json["member_id"] for headers in (first, second)]
    assert members[0] == members[1]
    assert await house.ledger.count("member") == 1


async def test_a_follower_is_known_by_unionid(house: House) -> None:
    phone = await house.follower()
    member_id = await house.member_of(phone)
    headers = await house.session(phone)
    assert (await send(house, "GET", "/me", headers)).json["member_id"] == member_id


async def test_only_the_hash_of_a_token_is_stored(house: House) -> None:
    headers = await house.session(await house.phone())
    token = headers["Authorization"].removeprefix("Bearer ")
    rows = await house.resources.pool.fetch("SELECT token_hash FROM session")
    assert [bytes(row["token_hash"]) for row in rows] == [hash_token(token)]


async def test_a_code_works_once(house: House) -> None:
    code = await (await house.phone()).login()
    assert (await send(house, "POST", "/session", body={"code": code})).status == 200
    again = await send(house, "POST", "/session", body={"code": code})
    assert (again.status, again.code) == (401, "login_code_invalid")


PLATFORM_SAYS = [
    (40029, 401, "login_code_invalid"),
    (40163, 401, "login_code_invalid"),
    (40226, 403, "login_refused"),
    (45011, 429, "login_too_often"),
    (40013, 503, "wechat_unavailable"),
    (-1, 503, "wechat_unavailable"),
]


async def test_what_the_platform_refuses(house: House) -> None:
    for errcode, status, code in PLATFORM_SAYS:
        phone = await house.phone(f"手机{errcode}")
        await house.emulator.fault(SESSION_PATH, "errcode", errcode, times=1)
        answer = await send(house, "POST", "/session", body={"code": await phone.login()})
        assert (answer.status, answer.code) == (status, code), errcode
    assert await house.ledger.count("member") == 0


async def test_a_platform_that_is_away(house: House) -> None:
    await house.emulator.fault(SESSION_PATH, "http_502", times=9)
    answer = await send(house, "POST", "/session", body={"code": "whatever"})
    assert (answer.status, answer.code) == (503, "wechat_unavailable")
    assert answer.headers["Retry-After"] == "5"


async def test_a_code_must_be_one(house: House) -> None:
    for body in ({}, {"code": 1}, {"code": ""}, {"code": "a b"}, {"code": "x", "more": 1}):
        answer = await send(house, "POST", "/session", body=body)
        assert (answer.status, answer.code) == (422, "invalid"), body


async def test_a_session_ends_after_thirty_days(ming: Mini) -> None:
    ming.house.clock.advance((LIFETIME - timedelta(seconds=1)).total_seconds())
    assert (await ming.get("/me")).status == 200
    ming.house.clock.advance(1)
    answer = await ming.get("/me")
    assert (answer.status, answer.code) == (401, "unauthorized")


TOKENS_REFUSED = [
    None,
    "",
    "Bearer",
    "Bearer ",
    "Bearer short",
    f"Bearer {'A' * 43}",
    f"Basic {'A' * 43}",
    f"Bearer {'A' * 42}=",
    f"Bearer {'A' * 44}",
    "Bearer ' OR 1=1 --",
]


async def test_tokens_that_are_none(house: House) -> None:
    for authorization in TOKENS_REFUSED:
        headers = {} if authorization is None else {"Authorization": authorization}
        answer = await send(house, "GET", "/me", headers)
        assert (answer.status, answer.code) == (401, "unauthorized"), authorization
        assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_visit_is_remembered_once_a_day(ming: Mini) -> None:
    async def seen() -> object:
        return await ming.house.resources.pool.fetchval("SELECT last_seen_on FROM account")

    first = await seen()
    ming.house.clock.advance(86_400)
    await ming.get("/rules")
    assert await seen() == ming.house.clock.now().date()
    assert await seen() != first


async def test_a_login_and_a_permission_wake_what_waited(ming: Mini) -> None:
    """However often the member was here that day; other requests do so with the first of the day."""
    pool = ming.house.resources.pool
    await pool.execute(
        "INSERT INTO notice (member_id, kind, key, receipt_no, payload, state, created_at, due_at)"
        " VALUES ($1, 'wake_up', '2026-01-01', 1, '{}', 'waiting', $2, $2)",
        ming.member_id, ming.house.clock.now(),
    )  # fmt: skip

    async def woken() -> bool:
        state = await pool.fetchval("SELECT state FROM notice")
        await pool.execute("UPDATE notice SET state = 'waiting'")
        return bool(state == "due")

    await ming.get("/me")
    assert await woken()
    await ming.get("/me")
    assert not await woken()
    phone = await ming.house.phone("小明")
    await pool.execute("UPDATE identity SET subject = $1 WHERE provider <> 'unionid'", phone.miniapp_openid)
    await ming.house.session(phone)
    assert await woken()
    await ming.post("/subscriptions", {"template": WAKE_UP, "accepted": True})
    assert await woken()
    await ming.post("/subscriptions", {"template": WAKE_UP, "accepted": False})
    assert await woken()


async def test_two_phones_are_two_members(house: House) -> None:
    one, other = await mini(house, "小明"), await mini(house, "小红")
    assert one.member_id != other.member_id


async def test_a_visit_that_could_not_be_written_down_is_written_with_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone = await mini(house)
    house.clock.advance(DAY_S)
    seen = "SELECT last_seen_on FROM account WHERE member_id = $1"
    yesterday = await house.resources.pool.fetchval(seen, someone.member_id)

    async def away(*_: object, **__: object) -> None:
        raise EngineUnavailable("database unavailable")

    with monkeypatch.context() as patched:
        patched.setattr(house.resources.directory, "note_visit", away)
        assert (await someone.get("/me")).status == 503
    for _ in range(2):
        assert (await someone.get("/me")).status == 200
    today = await house.resources.pool.fetchval(seen, someone.member_id)
    assert today == yesterday + timedelta(days=1)
