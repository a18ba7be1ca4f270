"""A unionid that the first request did not bring is asked for again, and who turns out to be two becomes one."""

import asyncio
from datetime import timedelta

from channels.unionids import AGAIN_AFTER, NONE_AGAIN_AFTER
from tasks.unionids import ask_unionids
from tests.channels.test_identity import meet, meet_mini
from tests.emulator.harness import Phone
from tests.house import House
from tests.loyalty.waiting import until


async def split_person(house: House) -> tuple[Phone, int, int]:
    """A follower whose user/info failed, and who then opened the mini-program: two members."""
    phone = await house.phone()
    await house.emulator.fault("/cgi-bin/user/info", "http_502", times=3)
    first = await meet(house, phone)
    other = await meet_mini(house, phone, phone.unionid)
    assert other.member_id != first.member_id
    return phone, first.member_id, other.member_id


async def members_of(house: House, phone: Phone) -> set[int | None]:
    directory = house.resources.directory
    return {
        await directory.member_of(house.resources.official_account.app_id, phone.oa_openid),
        await directory.member_of(house.resources.mini_program.app_id, phone.miniapp_openid),
    }


async def until_one(house: House, phone: Phone) -> int | None:
    async def one() -> bool:
        return len(await members_of(house, phone)) == 1

    await until(one)
    return (await members_of(house, phone)).pop()


async def test_a_later_message_asks_beside_its_answer(house: House) -> None:
    phone, first, _ = await split_person(house)
    assert (await meet(house, phone)).member_id == first, "the answer does not wait"
    assert await until_one(house, phone) == first
    assert await house.ledger.balance(first) == 200


async def test_the_job_asks_for_those_who_do_not_write(house: House) -> None:
    phone, first, _ = await split_person(house)
    await ask_unionids(house.resources, house.clock.now())
    assert await members_of(house, phone) == {first}


async def test_failing_again_does_not_split_for_ever(house: House) -> None:
    phone, first, _ = await split_person(house)
    await house.emulator.fault("/cgi-bin/user/info", "errcode", 48001, times=1)
    await ask_unionids(house.resources, house.clock.now())
    assert len(await members_of(house, phone)) == 2
    await ask_unionids(house.resources, house.clock.now())
    assert len(await members_of(house, phone)) == 2, "not before the pause is over"
    house.clock.advance(AGAIN_AFTER.total_seconds())
    await ask_unionids(house.resources, house.clock.now())
    assert await members_of(house, phone) == {first}


async def test_without_a_unionid_it_is_asked_for_seldom(house: House) -> None:
    phone = await house.phone(unionid=False)
    await meet(house, phone)
    (ask_after,) = await house.resources.pool.fetchrow("SELECT ask_after FROM identity")
    assert ask_after == house.clock.now() + NONE_AGAIN_AFTER
    assert await house.resources.unionids.due(house.clock.now() + timedelta(days=29), 9) == []


async def test_nothing_is_asked_for_whom_it_is_known(house: House) -> None:
    phone = await house.phone()
    await meet(house, phone)
    assert await house.ledger.count("identity", ask_after=None) == 0
    assert await house.resources.pool.fetchval("SELECT count(ask_after) FROM identity") == 0


async def test_many_who_ask_at_once_ask_once(house: House) -> None:
    phone, _, _ = await split_person(house)
    await house.emulator.fault("/cgi-bin/user/info", "errcode", 48001, times=8)
    ask = house.resources.unionids.ask
    answers = await asyncio.gather(
        *(ask(phone.oa_openid, house.clock.now()) for _ in range(8)), return_exceptions=True
    )
    assert [type(answer).__name__ for answer in answers].count("NoneType") == 7


async def test_a_flood_of_logins_does_not_keep_a_follower_from_their_unionid(house: House) -> None:
    """More logins than there ever were connections to WeChat, each of which WeChat is slow to answer."""
    await house.emulator.fault("/sns/jscode2session", "latency", 4.0, times=100)
    logins = [
        asyncio.create_task(house.resources.mini_program.code_to_session(f"code-{number}"))
        for number in range(80)
    ]
    await asyncio.sleep(0.5)
    phone = await house.phone()
    first = await meet(house, phone)
    assert await house.ledger.count("identity", member_id=first.member_id) == 2, "the unionid, too"
    for login in logins:
        login.cancel()
    await asyncio.gather(*logins, return_exceptions=True)
