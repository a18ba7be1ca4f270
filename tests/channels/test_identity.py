"""Who is speaking, against the emulator's user/info."""

import asyncio

import pytest

from channels import identity
from channels.identity import Visitor, follower, mini_visitor, set_following
from tests.emulator.harness import MINIAPP_APP_ID, Phone
from tests.house import House


async def meet(house: House, phone: Phone, *, returning: bool = False) -> Visitor:
    resources, account = house.resources, house.resources.official_account
    arrival = await resources.directory.arrival(account.app_id, phone.oa_openid, house.clock.now())
    return await follower(
        resources.engine,
        resources.unionids,
        account,
        phone.oa_openid,
        arrival,
        house.clock.now(),
        returning=returning,
    )


async def meet_mini(house: House, phone: Phone, unionid: str | None) -> Visitor:
    resources = house.resources
    return await mini_visitor(
        resources.directory,
        resources.engine,
        MINIAPP_APP_ID,
        phone.miniapp_openid,
        unionid,
        house.clock.now(),
    )


async def test_a_stranger_becomes_a_member_once(house: House) -> None:
    phone = await house.phone()
    met = await asyncio.gather(*(meet(house, phone) for _ in range(8)))
    assert [visitor.created for visitor in met].count(True) == 1
    assert {visitor.member_id for visitor in met} == {met[0].member_id}
    assert await house.ledger.balance(met[0].member_id) == 100
    assert await meet(house, phone) == Visitor(met[0].member_id)


async def test_both_accounts_lead_to_one_member(house: House) -> None:
    phone = await house.phone()
    first = await meet(house, phone)
    assert await meet_mini(house, phone, phone.unionid) == Visitor(first.member_id)


async def test_without_a_common_platform_account_they_are_two(house: House) -> None:
    phone = await house.phone(unionid=False)
    first = await meet(house, phone)
    assert (await meet_mini(house, phone, None)).member_id != first.member_id


@pytest.mark.parametrize(
    ("kind", "value"),
    [("http_502", None), ("errcode", 48001), ("html", None), ("latency", 2.5), ("drop", None)],
)
async def test_a_platform_in_trouble_costs_the_unionid_not_the_visit(
    house: House, monkeypatch: pytest.MonkeyPatch, kind: str, value: float | None
) -> None:
    monkeypatch.setattr(identity, "USER_INFO_TIMEOUT_S", 0.5)
    phone = await house.phone()
    await house.emulator.fault("/cgi-bin/user/info", kind, value, times=3)
    async with asyncio.timeout(2.2):
        visitor = await meet(house, phone)
    assert visitor.created
    assert await house.ledger.count("identity", member_id=visitor.member_id) == 1


async def test_a_unionid_missed_at_first_is_learnt_when_they_follow_anew(house: House) -> None:
    phone = await house.phone()
    await house.emulator.fault("/cgi-bin/user/info", "http_502", times=3)
    visitor = await meet(house, phone)
    again = await meet(house, phone, returning=True)
    assert again == Visitor(visitor.member_id)
    assert await meet_mini(house, phone, phone.unionid) == Visitor(visitor.member_id)


async def test_a_unionid_learnt_late_by_the_mini_program(house: House) -> None:
    phone = await house.phone()
    first = await meet_mini(house, phone, None)
    assert await meet_mini(house, phone, phone.unionid) == Visitor(first.member_id)
    assert await meet(house, phone) == Visitor(first.member_id)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([(True, 0)], True),
        ([(True, 0), (False, 10)], False),
        ([(True, 10), (False, 0)], True),
        ([(False, 5), (True, 5)], True),
        ([(True, 0), (False, 10), (True, 20), (False, 15)], True),
    ],
)
async def test_the_latest_word_about_following_holds(
    house: House, words: list[tuple[bool, int]], expected: bool
) -> None:
    start = house.clock.now()
    for following, seconds in words:
        house.clock.advance(seconds)
        at = start.replace(second=seconds)
        await set_following(house.resources.pool, 7, following, at)
    assert (
        await house.resources.pool.fetchval("SELECT following FROM contact WHERE member_id = 7") is expected
    )
