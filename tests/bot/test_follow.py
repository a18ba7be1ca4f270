"""Following with and without an invitation, scanning, leaving, coming back."""

import asyncio

from bot.checkin import check_in_text
from bot.follow import SCANNED, welcome_back_text, welcome_text
from bot.referral import bind_text
from loyalty.checkin.outcomes import CheckedIn
from loyalty.referral.outcomes import (
    AlreadyBound,
    ReferralBound,
    ReferralQualified,
    ReferralTooLate,
    SelfReferral,
)
from tests.bot.line import Line
from tests.bot.told import BRAND, DAY
from tests.emulator.harness import Phone
from tests.house import House
from tests.ledger import demo_rules


async def code_of(house: House, phone: Phone) -> str:
    return str(
        await house.resources.pool.fetchval(
            "SELECT referral_code FROM member WHERE member_id = $1", await house.member_of(phone)
        )
    )


async def following(house: House, phone: Phone) -> bool:
    return bool(
        await house.resources.pool.fetchval(
            "SELECT following FROM contact WHERE member_id = $1", await house.member_of(phone)
        )
    )


def bound_to(inviter_id: int) -> str:
    """What is said to who named an inviter without a nickname."""
    return bind_text(ReferralBound(inviter_id), demo_rules().referral)


async def test_a_newcomer_is_welcomed_with_the_gift(house: House) -> None:
    phone = await house.phone()
    (welcome,) = (await phone.follow())["replies"]
    assert welcome["content"] == welcome_text(BRAND, 100, None)
    assert await following(house, phone)


async def test_a_friends_code_binds_before_the_first_word(house: House) -> None:
    inviter = await house.follower()
    friend = await house.phone("小红")
    (welcome,) = (await friend.follow(scene=f"inv_{await code_of(house, inviter)}"))["replies"]
    inviter_id = await house.member_of(inviter)
    assert welcome["content"] == welcome_text(BRAND, 100, bound_to(inviter_id))
    assert await house.ledger.count("referral", inviter_id=inviter_id) == 1
    (signed,) = (await friend.say("签到"))["replies"]
    gift = ReferralQualified(inviter_id, 20, 50, 130)
    assert signed["content"] == check_in_text(CheckedIn(DAY, 1, 10, 0, 110, 20, 2), DAY, gift)
    assert await house.ledger.balance(await house.member_of(friend)) == 130
    for _ in range(100):  # what the inviter is owed follows after the answer
        if await house.ledger.balance(inviter_id) == 150:
            break
        await asyncio.sleep(0.05)
    assert await house.ledger.balance(inviter_id) == 150


async def test_scenes_that_are_no_invitation(house: House) -> None:
    for scene in ("store_12", "inv_", "inv_nobody", "INV_x", "inv_" + "很" * 40):
        phone = await house.phone(scene[:8])
        (welcome,) = (await phone.follow(scene=scene))["replies"]
        assert welcome["content"] == welcome_text(BRAND, 100, None)
    assert await house.ledger.count("referral") == 0


async def test_nobody_invites_oneself(house: House) -> None:
    phone = await house.follower()
    (answer,) = (await phone.scan(f"inv_{await code_of(house, phone)}"))["replies"]
    assert answer["content"] == bind_text(SelfReferral(), demo_rules().referral)
    assert await house.ledger.count("referral") == 0


async def test_a_follower_who_never_signed_in_may_scan_a_code(house: House) -> None:
    inviter, friend = await house.follower(), await house.follower("小红")
    scene = f"inv_{await code_of(house, inviter)}"
    (answer,) = (await friend.scan(scene))["replies"]
    inviter_id = await house.member_of(inviter)
    assert answer["content"] == bound_to(inviter_id)
    house.clock.advance(10)
    (again,) = (await friend.scan(scene))["replies"]
    assert again["content"] == bind_text(AlreadyBound(inviter_id), demo_rules().referral)


async def test_an_old_friend_scans_in_vain(house: House) -> None:
    inviter, friend = await house.follower(), await house.follower("小红")
    await friend.say("签到")
    (answer,) = (await friend.scan(f"inv_{await code_of(house, inviter)}"))["replies"]
    assert answer["content"] == bind_text(ReferralTooLate(), demo_rules().referral)
    (other,) = (await friend.scan("store_12"))["replies"]
    assert other["content"] == SCANNED.text


async def test_leaving_and_coming_back(house: House) -> None:
    phone = await house.follower()
    house.clock.advance(60)
    answer = await phone.unfollow()
    assert answer["replies"] == []
    assert not await following(house, phone)
    house.clock.advance(60)
    (back,) = (await phone.follow())["replies"]
    assert back["content"] == welcome_back_text(BRAND, 100, None)
    assert await following(house, phone)
    assert await house.ledger.count("receipt", scope="welcome") == 1


async def test_a_stranger_who_leaves_is_not_made_a_member(house: House, line: Line) -> None:
    assert await line.push(line.event("oStranger", "unsubscribe", EventKey="")) is None
    assert await house.ledger.count("member") == 0


async def test_a_repeated_follow_hears_the_same(house: House, line: Line) -> None:
    inviter, friend = await house.follower(), await house.phone("小红")
    scene = f"qrscene_inv_{await code_of(house, inviter)}"
    event = line.event(friend.oa_openid, "subscribe", EventKey=scene, Ticket="t")
    first = await line.push(event)
    house.clock.advance(5)
    assert first is not None
    assert first.content == welcome_text(BRAND, 100, bound_to(await house.member_of(inviter)))
    assert await line.push(event) == first
    assert await house.ledger.count("member") == 2


async def test_a_leave_that_arrives_late_does_not_undo_the_return(house: House, line: Line) -> None:
    phone = await house.follower()
    leave = line.event(phone.oa_openid, "unsubscribe", EventKey="")
    house.clock.advance(60)
    await phone.unfollow()
    await phone.follow()
    await line.push(leave)
    assert await following(house, phone)


async def test_mini_program_and_account_are_one_member(house: House) -> None:
    phone = await house.follower()
    headers = await house.session(phone)
    async with house.http.get(f"{house.server_url}/api/v1/me", headers=headers) as answer:
        assert (await answer.json())["balance"] == 100
    assert await house.ledger.count("member") == 1


async def test_the_unionid_is_not_worth_waiting_for(house: House) -> None:
    phone = await house.phone()
    await house.emulator.fault("/cgi-bin/user/info", "latency", 3.0)
    answer = await phone.follow()
    assert answer["attempts"] == 1
    assert await house.ledger.count("identity") == 1
    house.clock.advance(60)
    await phone.unfollow()
    await phone.follow()
    assert await house.ledger.count("identity", provider="unionid") == 1
