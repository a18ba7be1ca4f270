"""Identities: whom they lead to, what is learnt later, and names that give nobody away."""

import asyncio

import pytest

from loyalty.checkin.commands import CheckIn
from loyalty.members.enrolment import Newcomer, enroll
from loyalty.members.identities import find_members
from loyalty.members.profile import code_of_scene, mask, member_of_code, scene_of
from loyalty.merging.run import learn_unionid, merge_marked
from tests.ledger import Ledger, gift_of, rules_with


async def who(ledger: Ledger, provider: str, subject: str) -> int | None:
    return (await find_members(ledger.pool, [(provider, subject)])).get((provider, subject))


async def test_any_known_identity_finds_the_person_and_teaches_the_others(ledger: Ledger) -> None:
    member = await ledger.member(wx_oa="o1", unionid="u1")
    answer = await enroll(ledger.engine, Newcomer((("wx_mini", "m1"), ("unionid", "u1")), ledger.clock.now()))
    assert (answer.member_id, answer.created, gift_of(answer)) == (member, False, 0)
    assert await who(ledger, "wx_mini", "m1") == member
    assert await who(ledger, "wx_mini", "o1") is None
    assert await ledger.count("member") == 1


async def test_the_same_identity_twice_in_one_breath(ledger: Ledger) -> None:
    answer = await enroll(ledger.engine, Newcomer((("wx", "a"), ("wx", "a")), ledger.clock.now()))
    assert answer.created
    assert await ledger.count("identity") == 1


async def test_a_unionid_learnt_later_is_linked(ledger: Ledger) -> None:
    member = await ledger.member(wx_oa="o1")
    assert await learn_unionid(ledger.engine, member, "u1", ledger.clock.now()) == member
    assert await learn_unionid(ledger.engine, member, "u1", ledger.clock.now()) == member
    assert await who(ledger, "unionid", "u1") == member


async def test_two_who_both_have_points_are_merged(ledger: Ledger) -> None:
    one, two = await ledger.member(wx_oa="o1", unionid="u1"), await ledger.member(wx_mini="m1")
    assert await learn_unionid(ledger.engine, two, "u1", ledger.clock.now()) == one
    assert await ledger.pool.fetchval("SELECT count(*) FROM member WHERE merge_with IS NOT NULL") == 0
    assert await who(ledger, "wx_mini", "m1") == one
    assert await ledger.balance(one) == 200


async def test_two_who_cannot_be_merged_now_are_marked(ledger: Ledger) -> None:
    one, two = await ledger.member(wx_oa="o1", unionid="u1"), await ledger.member(wx_mini="m1")
    await ledger.pool.execute("UPDATE account SET status = 'frozen' WHERE member_id = $1", one)
    assert await learn_unionid(ledger.engine, two, "u1", ledger.clock.now()) == two
    rows = await ledger.pool.fetch("SELECT member_id, merge_with FROM member ORDER BY member_id")
    assert [tuple(row) for row in rows] == [(one, two), (two, one)]
    assert await who(ledger, "wx_mini", "m1") == two


async def test_one_without_receipts_is_pointed_to_the_other(ledger: Ledger) -> None:
    one = await ledger.member(wx_oa="o1", unionid="u1")
    await ledger.publish(rules_with(welcome={"points": 0}))
    two = await ledger.member(wx_mini="m1")
    assert await learn_unionid(ledger.engine, two, "u1", ledger.clock.now()) == one
    assert await who(ledger, "wx_mini", "m1") == one


async def test_one_unionid_learnt_for_two_at_once(ledger: Ledger) -> None:
    crowd = [await ledger.member() for _ in range(8)]
    async with ledger.rival() as rival:
        answers = await asyncio.gather(
            *(
                learn_unionid((ledger.engine, rival)[member % 2], member, "u1", ledger.clock.now())
                for member in crowd
            )
        )
    assert len(answers) == 8
    assert await ledger.count("identity", provider="unionid") == 1
    await merge_marked(ledger.engine, 0, 100)  # those whose survivor was busy with another
    assert await ledger.count("account", status="merged") == 7
    assert await ledger.pool.fetchval("SELECT count(*) FROM member WHERE merge_with IS NOT NULL") == 0
    assert await ledger.balance(min(crowd)) == 800


async def test_codes_lead_to_their_member_whatever_the_case(ledger: Ledger) -> None:
    member = await ledger.member()
    await ledger.run(CheckIn, member)
    code = await ledger.pool.fetchval("SELECT referral_code FROM member WHERE member_id = $1", member)
    for written in (code, code.upper()):
        inviter = await member_of_code(written)
        assert inviter is not None
        assert inviter.member_id == member
    assert await member_of_code("nobody") is None


@pytest.mark.parametrize(
    ("nickname", "member_id", "shown"),
    [("小光", 7, "小**"), ("A", 7, "A**"), (None, 7, "会员**07"), (None, 12345, "会员**45")],
)
def test_masks(nickname: str | None, member_id: int, shown: str) -> None:
    assert mask(nickname, member_id) == shown


@pytest.mark.parametrize(
    ("scene", "code"), [("inv_abcd2345", "abcd2345"), ("inv_ABCD", "abcd"), ("abcd", None), ("", None)]
)
def test_scenes(scene: str, code: str | None) -> None:
    assert code_of_scene(scene) == code


def test_a_scene_fits_what_wechat_allows() -> None:
    scene = scene_of("abcd2345")
    assert len(scene) <= 32
    assert code_of_scene(scene) == "abcd2345"
