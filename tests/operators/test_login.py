"""Logging in: the first time, by password and code, and everything that is refused."""

import asyncio
from time import perf_counter

import pytest

from base.sealing import Keyring
from operators.access import passwords
from operators.access.login import (
    NOT_SETTING_UP,
    ONCE_OVER,
    WRONG,
    LoggedIn,
    LoginRefused,
    MustSetUp,
    log_in,
    log_out,
    set_up,
)
from operators.access.people import add_operator, disable_operator, enable_operator, reset_operator
from operators.access.totp import seal_secrets_again
from operators.desk import desk_of
from operators.operation_log.pages import Filters, list_operations
from operators.roles import Action, NotAllowed
from operators.sessions import end_session, end_session_by_id, find_session, list_sessions
from tests.ledger import KEYS, Ledger
from tests.operators.desks import ORIGIN, PASSWORD, Person, desk_for, later, opened, owner_desk, person


async def test_the_first_log_in_sets_a_password_and_a_secret_up(ledger: Ledger) -> None:
    once = await add_operator(owner_desk(ledger), "小王", "operations")
    wang = Person(ledger, "小王")
    begun = await wang.log_in(once, "")
    assert isinstance(begun, MustSetUp)
    assert begun.address.startswith("otpauth://totp/")
    assert await find_session(ledger.pool, begun.token, ledger.clock.now()) is None, "it sets up, and no more"
    wang.secret = begun.secret
    for password, code, said in (
        ("short", wang.code(), "10 到 200"),
        ("aaaaaaaaaaaa", wang.code(), "不同的字符太少"),
        ("我是小王我是小王呀呀呀", wang.code(), "自己的名字"),
        (PASSWORD, "000000", "验证码不对"),
    ):
        refused = await set_up(ledger.pool, KEYS, begun.token, password, code, ledger.clock.now(), ORIGIN)
        assert isinstance(refused, LoginRefused)
        assert said in refused.sentence
    done = await set_up(ledger.pool, KEYS, begun.token, PASSWORD, wang.code(), ledger.clock.now(), ORIGIN)
    assert isinstance(done, LoggedIn)
    assert done.operator.role == "operations"
    again = await set_up(ledger.pool, KEYS, begun.token, PASSWORD, wang.code(), ledger.clock.now(), ORIGIN)
    assert again == LoginRefused(NOT_SETTING_UP)
    assert await wang.log_in(once) == LoginRefused(WRONG), "a one-time password works once"
    stored = str(await ledger.pool.fetch("SELECT o::text, s::text FROM operator o, operator_session s"))
    for secret in (PASSWORD, wang.secret, once, done.token):
        assert secret not in stored


async def test_a_servers_hashes_cost_as_much_as_the_rfc_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    stored = await passwords.hashed(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.matches(stored, PASSWORD)
    assert not await passwords.matches(stored, PASSWORD + "x")
    assert not await passwords.matches("damaged", PASSWORD)


async def test_a_one_time_password_ends_after_three_days(ledger: Ledger) -> None:
    once = await add_operator(owner_desk(ledger), "小王", "operations")
    ledger.clock.advance(3 * 86_400)
    assert await Person(ledger, "小王").log_in(once, "") == LoginRefused(ONCE_OVER)
    once = await reset_operator(owner_desk(ledger), "小王")
    assert isinstance(await Person(ledger, "小王").log_in(once, ""), MustSetUp)


async def test_a_code_is_taken_once_and_one_step_early_or_late(ledger: Ledger) -> None:
    wang, _ = await person(ledger, "小王", "finance")
    ledger.clock.advance(60)
    code = wang.code()
    ledger.clock.advance(30)
    both = await asyncio.gather(wang.log_in(code=code), wang.log_in(code=code))
    assert sorted(type(one).__name__ for one in both) == ["LoggedIn", "LoginRefused"]
    assert await wang.log_in(code=code) == LoginRefused(WRONG)
    code = wang.code()
    ledger.clock.advance(60)
    assert await wang.log_in(code=code) == LoginRefused(WRONG), "two steps late"
    for wrong in ("", "abcdef", "12345", "１２３４５６"):
        ledger.clock.advance(900)
        assert await wang.log_in(code=wrong) == LoginRefused(WRONG)


async def test_after_five_failures_each_wait_is_twice_as_long(ledger: Ledger) -> None:
    wang, _ = await person(ledger, "小王", "operations")
    for _ in range(5):
        assert await wang.log_in("wrong-password") == LoginRefused(WRONG)
    locked = await wang.log_in(code=wang.code())
    assert isinstance(locked, LoginRefused)
    assert "30 秒" in locked.sentence, "the right password does not help either"
    ledger.clock.advance(30)
    assert await wang.log_in("wrong-password", "") == LoginRefused(WRONG)
    locked = await wang.log_in("wrong-password", "")
    assert isinstance(locked, LoginRefused)
    assert "1 分钟" in locked.sentence
    await enable_operator(owner_desk(ledger), "小王")
    assert isinstance(await wang.log_in(), LoggedIn), "the owner ends the wait"
    assert await wang.log_in("wrong-password") == LoginRefused(WRONG), "a success forgets the failures"


async def test_many_attempts_at_once_are_no_more_than_one_after_the_other(ledger: Ledger) -> None:
    wang, _ = await person(ledger, "小王", "operations")
    tries = await asyncio.gather(*(wang.log_in(f"wrong-{n}", "") for n in range(12)))
    looked_at = [one for one in tries if one == LoginRefused(WRONG)]
    assert len(looked_at) == 5


async def test_an_origin_that_tries_many_names_waits_too(ledger: Ledger) -> None:
    wang, _ = await person(ledger, "小王", "operations")
    for n in range(20):
        await Person(ledger, f"nobody{n}").log_in("x", "", "198.51.100.1")
    locked = await wang.log_in(code=wang.code(), origin="198.51.100.1")
    assert isinstance(locked, LoginRefused)
    assert locked.wait is not None
    assert isinstance(await wang.log_in(), LoggedIn), "from elsewhere nobody waits"


async def test_unknown_and_disabled_names_are_refused_alike_and_take_as_long(ledger: Ledger) -> None:
    wang, _ = await person(ledger, "小王", "operations")
    li, _ = await person(ledger, "小李", "finance")
    await disable_operator(owner_desk(ledger), "小李")
    took = {}
    for one in (wang, li, Person(ledger, "没有这个人")):
        assert await one.log_in("wrong-password", "123456") == LoginRefused(WRONG)
        began = perf_counter()
        assert await one.log_in("wrong-password", "123456") == LoginRefused(WRONG)
        took[one.name] = perf_counter() - began
    assert await li.log_in() == LoginRefused(WRONG), "disabled"
    assert max(took.values()) < 5 * min(took.values())
    assert await wang.log_in("x" * 10_000_000, "123456") == LoginRefused(WRONG)


async def test_sessions_end_when_idle_after_half_a_day_and_when_ended(ledger: Ledger) -> None:
    wang, first = await person(ledger, "小王", "operations")

    async def is_good(token: str) -> bool:
        return await find_session(ledger.pool, token, ledger.clock.now()) is not None

    assert await is_good(first.token)
    assert not await is_good(first.token + "x")
    ledger.clock.advance(1799)
    assert await is_good(first.token)
    ledger.clock.advance(1799)
    assert await is_good(first.token), "each use begins the half hour anew"
    ledger.clock.advance(1800)
    assert not await is_good(first.token)
    second = await wang.log_in()
    assert isinstance(second, LoggedIn)
    for _ in range(24):
        ledger.clock.advance(1795)
        assert await is_good(second.token)
    ledger.clock.advance(300)
    assert not await is_good(second.token)
    third, fourth, fifth = await wang.log_in(), await wang.log_in(), await wang.log_in()
    assert isinstance(third, LoggedIn)
    assert isinstance(fourth, LoggedIn)
    assert isinstance(fifth, LoggedIn)
    await end_session(ledger.pool, third.token, ledger.clock.now())
    await log_out(ledger.pool, fourth.token, ledger.clock.now(), ORIGIN)
    assert not await is_good(third.token)
    assert not await is_good(fourth.token)
    (listed,) = await list_sessions(ledger.pool, ledger.clock.now())
    assert (listed.operator, listed.origin) == ("小王", ORIGIN)
    await ledger.engine.transact(lambda one: end_session_by_id(one, listed.id, ledger.clock.now()))
    assert not await is_good(fifth.token)
    logged = [one.label for one in await list_operations(ledger.pool, Filters(operator="小王"))]
    assert sorted(logged) == ["登录", "登录", "登录", "登录", "设置密码和验证码", "退出登录"]


async def test_a_disabled_or_reset_operator_is_out_at_once(ledger: Ledger) -> None:
    desk = await desk_for(ledger, "小王", "operations")
    wang = Person(ledger, "小王")
    await desk.require(Action.ADJUST)
    await disable_operator(owner_desk(ledger), "小王", "已离职")
    with pytest.raises(NotAllowed, match="登录已经失效"):
        await desk.require(Action.ADJUST)
    await enable_operator(owner_desk(ledger), "小王")
    with pytest.raises(NotAllowed, match="登录已经失效"):
        await desk.require(Action.ADJUST)
    once = await reset_operator(owner_desk(ledger), "小王")
    back = await wang.set_up(once)
    assert await desk_of(opened(ledger), back.token, ORIGIN) is not None
    assert await find_session(ledger.pool, back.token, later(ledger, minutes=31)) is None


async def test_secrets_are_sealed_again_under_a_new_key(ledger: Ledger) -> None:
    wang, _ = await person(ledger, "小王", "operations")
    new = Keyring("another-secret-key-of-the-house", "test-secret-key-of-the-house")
    counts = [await ledger.engine.transact(lambda one: seal_secrets_again(one, new, 10)) for _ in range(2)]
    assert counts == [1, 0]
    ledger.clock.advance(30)
    alone = Keyring("another-secret-key-of-the-house")
    now = ledger.clock.now()
    assert isinstance(await log_in(ledger.pool, alone, "小王", PASSWORD, wang.code(), now, ORIGIN), LoggedIn)
