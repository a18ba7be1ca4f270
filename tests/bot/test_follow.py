"""Following with and without an invitation, scanning, leaving, coming back."""

from tests.bot.line import Line
from tests.emulator.harness import Phone
from tests.house import House


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


async def test_a_newcomer_is_welcomed_with_the_gift(house: House) -> None:
    phone = await house.phone()
    (welcome,) = (await phone.follow())["replies"]
    assert welcome["content"].startswith(
        "欢迎来到拾光咖啡！你已成为会员，送你 100 积分见面礼。\n三步玩转积分：\n1. "
    )
    assert await following(house, phone)


async def test_a_friends_code_binds_before_the_first_word(house: House) -> None:
    inviter = await house.follower()
    friend = await house.phone("小红")
    (welcome,) = (await friend.follow(scene=f"inv_{await code_of(house, inviter)}"))["replies"]
    assert "送你 100 积分见面礼。\n已记下你的邀请人：会员**01。\n" in welcome["content"]
    assert await house.ledger.count("referral", inviter_id=await house.member_of(inviter)) == 1
    (signed,) = (await friend.say("签到"))["replies"]
    assert signed["content"].endswith("。\n受邀礼 +20 分也到账了，当前积分 130。")
    assert await house.ledger.balance(await house.member_of(inviter)) == 150
    assert await house.ledger.balance(await house.member_of(friend)) == 130


async def test_scenes_that_are_no_invitation(house: House) -> None:
    for scene in ("store_12", "inv_", "inv_nobody", "INV_x", "inv_" + "很" * 40):
        phone = await house.phone(scene[:8])
        (welcome,) = (await phone.follow(scene=scene))["replies"]
        assert "邀请" not in welcome["content"]
    assert await house.ledger.count("referral") == 0


async def test_nobody_invites_oneself(house: House) -> None:
    phone = await house.follower()
    (answer,) = (await phone.scan(f"inv_{await code_of(house, phone)}"))["replies"]
    assert answer["content"] == "这是你自己的邀请码，请把它给好友扫。"
    assert await house.ledger.count("referral") == 0


async def test_a_follower_who_never_signed_in_may_scan_a_code(house: House) -> None:
    inviter, friend = await house.follower(), await house.follower("小红")
    scene = f"inv_{await code_of(house, inviter)}"
    (answer,) = (await friend.scan(scene))["replies"]
    assert answer["content"] == "已记下你的邀请人：会员**01。"
    house.clock.advance(10)
    (again,) = (await friend.scan(scene))["replies"]
    assert again["content"] == "你已经有邀请人了，邀请人只能有一位，不能更换。"


async def test_an_old_friend_scans_in_vain(house: House) -> None:
    inviter, friend = await house.follower(), await house.follower("小红")
    await friend.say("签到")
    (answer,) = (await friend.scan(f"inv_{await code_of(house, inviter)}"))["replies"]
    assert answer["content"] == "邀请码要在第一次签到之前扫，你已经是老会员了。"
    (other,) = (await friend.scan("store_12"))["replies"]
    assert other["content"].startswith("你已经关注了，欢迎常来。")


async def test_leaving_and_coming_back(house: House) -> None:
    phone = await house.follower()
    house.clock.advance(60)
    answer = await phone.unfollow()
    assert answer["replies"] == []
    assert not await following(house, phone)
    house.clock.advance(60)
    (back,) = (await phone.follow())["replies"]
    assert back["content"].startswith("欢迎回到拾光咖啡！当前积分 100。\n")
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
    assert "已记下你的邀请人" in first.content
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
