"""Binding a phone number (O03): from WeChat's code, sealed at rest, one number for one member."""

import asyncio

import pytest

from base.sealing import Keyring, SealingError
from loyalty.members.phones import bind_phone, canonical_phone, members_of_phones, phone_of, seal_phones_again
from loyalty.members.profile import BIRTHDAY_WAIT
from tests.emulator.harness import Phone
from tests.house import House
from tests.ledger import KEYS, Ledger
from tests.miniapp_api.client import Answered, Mini

TOMORROW = Keyring("the key of tomorrow", "test-secret-key-of-the-house")


async def logged_in(house: House, name: str) -> tuple[Mini, Phone]:
    phone = await house.phone(name)
    headers = await house.session(phone)
    return Mini(house, await house.member_of(phone), headers), phone


async def bind(member: Mini, phone: Phone, **more: str) -> Answered:
    return await member.put("/me/profile", {"phone_code": await phone.phone_number(), **more})


async def test_a_number_is_bound_and_is_nowhere_in_clear(house: House) -> None:
    ming, phone = await logged_in(house, "小明")
    answer = await bind(ming, phone)
    assert (answer.status, answer.json["member_id"]) == (200, ming.member_id)
    pool = house.resources.pool
    assert await phone_of(pool, KEYS, ming.member_id) == f"+86{phone.number}"
    assert await members_of_phones(pool, KEYS, [f"+86{phone.number}"]) == {
        f"+86{phone.number}": ming.member_id
    }
    rows = [tuple(row) for table in ("phone", "phone_key") for row in await pool.fetch(f"TABLE {table}")]
    assert phone.number not in str(rows)


async def test_members_read_their_profile_with_the_number_masked(house: House) -> None:
    ming, phone = await logged_in(house, "小明")
    empty = {
        "nickname": None, "phone": None, "birthday": None, "birthday_from": None, "show_title": False, "wants_notices": True,
    }  # fmt: skip
    assert (await ming.get("/me/profile")).json == empty
    await bind(ming, phone, nickname="小明", birthday="02-29")
    masked = f"{phone.number[:3]}****{phone.number[-4:]}"
    told = {**empty, "nickname": "小明", "phone": masked, "birthday": "02-29"}
    assert (await ming.get("/me/profile")).json == told
    await ming.put("/me/profile", {"birthday": "03-01", "show_title": True})
    later = (await house.ledger.live()).day(house.clock.now()) + BIRTHDAY_WAIT
    changed = {"birthday": "03-01", "birthday_from": later.isoformat(), "show_title": True}
    assert (await ming.get("/me/profile")).json == {**told, **changed}


async def test_a_number_of_another_member_is_refused_and_nothing_else_is_changed(house: House) -> None:
    ming, phone = await logged_in(house, "小明")
    hong, _ = await logged_in(house, "小红")
    assert (await bind(ming, phone)).status == 200
    refused = await bind(hong, phone, nickname="小红")
    assert (refused.status, refused.code) == (409, "phone_taken")
    assert (await hong.get("/me")).json["nickname"] is None
    assert (await bind(ming, phone)).status == 200, "one's own again"


async def test_a_new_number_takes_the_place_of_the_old_one(house: House) -> None:
    ming, phone = await logged_in(house, "小明")
    hong, other = await logged_in(house, "小红")
    await bind(ming, phone)
    assert (await bind(ming, other, nickname="明")).json["nickname"] == "明"
    assert (await bind(hong, phone)).status == 200, "the old number is free again"
    pool = house.resources.pool
    assert await phone_of(pool, KEYS, ming.member_id) == f"+86{other.number}"
    assert await house.ledger.count("phone_key") == 2


async def test_a_code_works_once_and_only_wechats(house: House) -> None:
    ming, phone = await logged_in(house, "小明")
    code = await phone.phone_number()
    for used, status in ((code, 200), (code, 409), ("made-up", 409), (await phone.login(), 409)):
        answer = await ming.put("/me/profile", {"phone_code": used})
        assert (answer.status, answer.code) == (status, None if status == 200 else "phone_code_invalid")
    await house.emulator.fault("/wxa/business/getuserphonenumber", "http_502", times=9)
    answer = await bind(ming, phone)
    assert (answer.status, answer.code) == (503, "wechat_unavailable")


async def test_many_members_want_one_number_at_once(ledger: Ledger) -> None:
    members = [await ledger.member() for _ in range(8)]
    now = ledger.clock.now()
    done = await asyncio.gather(
        *(bind_phone(ledger.engine, one, "+8613800138000", now) for one in members), return_exceptions=True
    )
    assert done.count(None) == 1
    winner = members[done.index(None)]
    assert await members_of_phones(ledger.pool, KEYS, ["+8613800138000"]) == {"+8613800138000": winner}
    assert await ledger.count("phone") == 1


async def test_one_member_binds_many_numbers_at_once(ledger: Ledger) -> None:
    member, now = await ledger.member(), ledger.clock.now()
    numbers = [f"+861380013800{digit}" for digit in range(8)]
    await asyncio.gather(*(bind_phone(ledger.engine, member, number, now) for number in numbers))
    kept = await phone_of(ledger.pool, KEYS, member)
    assert await members_of_phones(ledger.pool, KEYS, numbers) == {kept: member}


async def test_the_secret_key_is_replaced(ledger: Ledger) -> None:
    members = [await ledger.member() for _ in range(3)]
    numbers = {member: f"+861390000000{number}" for number, member in enumerate(members)}
    for member, number in numbers.items():
        await bind_phone(ledger.engine, member, number, ledger.clock.now())
    assert len(await members_of_phones(ledger.pool, TOMORROW, numbers.values())) == 3
    counts = [await ledger.engine.transact(lambda one: seal_phones_again(one, TOMORROW, 2)) for _ in range(3)]
    assert counts == [2, 1, 0]
    alone = Keyring("the key of tomorrow")
    for member, number in numbers.items():
        assert await phone_of(ledger.pool, alone, member) == number
        assert await members_of_phones(ledger.pool, alone, [number]) == {number: member}
        with pytest.raises(SealingError):
            await phone_of(ledger.pool, KEYS, member)
    assert await ledger.count("phone_key") == 3


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13800138000", "+8613800138000"),
        ("+8613800138000", "+8613800138000"),
        ("+85291234567", "+85291234567"),
        ("12345678901", None),
        ("1380013800", None),
        ("+0123456789", None),
        ("１３８００１３８０００", None),
        ("13800138000\n", None),
        ("", None),
    ],
)
def test_numbers_have_one_form(text: str, number: str | None) -> None:
    assert canonical_phone(text) == number
