"""S12: inviting oneself, each other, too late, by guessing; a gift is for somebody new, once."""

import asyncio
import secrets

import pytest

from loyalty.audit import audit
from loyalty.members.enrolment import _CODE_ALPHABET, _CODE_LENGTH
from tests.bot.line import Line
from tests.house import House
from tests.ledger import KEYS
from tests.miniapp_api.client import Mini, mini, without_request_id

GUESSES = 300


async def code_of(member: Mini) -> str:
    return str((await member.get("/referral")).json["code"])


async def clean(house: House) -> None:
    assert (await audit(house.resources.pool, house.clock.now(), KEYS)).violations == []


async def test_s12_oneself_through_the_other_door(house: House) -> None:
    """The account and the mini-program of one person are one member, whichever door the code goes through."""
    phone = await house.follower()
    ming = Mini(house, await house.member_of(phone), await house.session(phone))
    scene = f"inv_{await code_of(ming)}"
    for code in (scene, scene.upper().replace("INV_", "inv_"), await code_of(ming)):
        answer = await ming.post("/referral/bind", {"code": code})
        assert (answer.status, answer.code) == (409, "self_referral")
    await phone.scan(scene)
    await phone.unfollow()
    await phone.follow(scene)
    assert await house.ledger.count("referral") == 0
    assert await house.ledger.balance(ming.member_id) == 100


async def test_s12_two_who_invite_each_other(house: House) -> None:
    """At the same moment, many times: only the younger can be the friend, so there is no circle."""
    elder, younger = await mini(house, "小明"), await mini(house, "小红")
    codes = {elder.member_id: await code_of(younger), younger.member_id: await code_of(elder)}
    answers = await asyncio.gather(
        *(who.once("/referral/bind", {"code": codes[who.member_id]}) for who in (elder, younger) * 16)
    )
    assert {answer.code for answer in answers[::2]} == {"inviter_too_new"}
    assert sorted(answer.status for answer in answers[1::2]) == [200] + [409] * 15
    rows = await house.resources.pool.fetch("SELECT member_id, inviter_id FROM referral")
    assert [tuple(row) for row in rows] == [(younger.member_id, elder.member_id)]
    await asyncio.gather(elder.once("/check-ins", {}), younger.once("/check-ins", {}))
    await house.resources.engine.settle()
    assert await house.ledger.balance(elder.member_id) == 160
    assert await house.ledger.balance(younger.member_id) == 130
    await clean(house)


async def test_s12_late_binding_races_the_first_sign_in(house: House) -> None:
    """Both at once: either the code came first and both are paid, or the sign-in did and nobody is; never in between."""
    elder = await mini(house, "邀请人")
    code = await code_of(elder)
    friends = [await mini(house, f"新人{number}") for number in range(12)]
    pairs = await asyncio.gather(
        *(
            asyncio.gather(friend.once("/referral/bind", {"code": code}), friend.once("/check-ins", {}))
            for friend in friends
        )
    )
    bound = 0
    for friend, (bind, signed) in zip(friends, pairs, strict=True):
        assert signed.status == 201
        assert (bind.status, bind.code) in {(200, None), (409, "referral_too_late")}
        assert await house.ledger.balance(friend.member_id) == 110 + 20 * (bind.status == 200)
        bound += bind.status == 200
    ladder = 50 * (bound >= 3) + 200 * (bound >= 10)
    assert await house.ledger.balance(elder.member_id) == 100 + 50 * bound + ladder
    await clean(house)


@pytest.mark.slow
async def test_s12_codes_are_not_to_be_guessed(house: House) -> None:
    """31^8 codes are made by secrets' dice; a wrong guess hears the same whoever is near, and leaves no row."""
    ming, hong = await mini(house, "小明"), await mini(house, "小红")
    code = await code_of(ming)
    assert len(_CODE_ALPHABET) ** _CODE_LENGTH > 8 * 10**11
    near = [
        code[:-1],
        code[:-1] + ("2" if code[-1] != "2" else "3"),
        f"{code}2",
        f"inv_inv_{code}",
        f"{code}%",
        "_" * 8,
        "%",
    ]
    made_up = ["".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH)) for _ in range(GUESSES)]
    before = await house.ledger.traces(hong.member_id)
    heard = []
    for guess in near + made_up:
        answer = await hong.post("/referral/bind", {"code": guess})
        assert (answer.status, answer.code) == (404, "unknown_referral_code"), guess
        heard.append(without_request_id(answer))
    assert heard == [heard[0]] * len(heard)
    assert await house.ledger.traces(hong.member_id) == before
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    for odd in (f" {code}", f"{code}\u200b", wide, f"{code}\u0000", [code], {"code": code}):
        assert (await hong.post("/referral/bind", {"code": odd})).status in (400, 422), odd


async def test_s12_leaving_and_coming_back_makes_nobody_new(house: House) -> None:
    """Unfollow and follow by a friend's code, as often as one likes: no second gift, and no inviter after the first sign-in."""
    elder = await mini(house, "邀请人")
    scene = f"inv_{await code_of(elder)}"
    phone, line = await house.follower(), Line(house)
    await line.say(phone, "签到")
    for _ in range(5):
        await phone.unfollow()
        await phone.follow(scene)
        house.clock.advance(1)
    assert await house.ledger.count("member") == 2
    assert await house.ledger.count("referral") == 0
    assert await house.ledger.balance(await house.member_of(phone)) == 110
    assert await house.ledger.balance(elder.member_id) == 100


async def test_s12_each_friend_pays_once(house: House) -> None:
    """A friend who is bound, signs in day after day and repeats every request brings one reward."""
    elder, friend = await mini(house, "邀请人"), await mini(house, "新人")
    body = {"code": await code_of(elder)}
    for day in range(4):
        for key in ("b", f"b{day}"):
            await friend.post("/referral/bind", body, key=key)
            await friend.post("/check-ins", {}, key=f"{key}-in")
        house.clock.advance(86_400)
    await house.resources.engine.run_due_follow_ups(house.clock.now())
    assert await house.ledger.balance(elder.member_id) == 150
    assert (await elder.get("/referral")).json["earned_points"] == 50
