"""Two members who are one person become one: everything once, nothing lost, and back again."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from channels.recipient import read_recipient
from loyalty.adjustments.commands import AdjustPoints, FreezeAccount, ThawAccount
from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import AlreadyCheckedIn, CheckedIn
from loyalty.directory import Directory
from loyalty.engine.answering import Answers
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import AccountClosed, AlreadyDone
from loyalty.games.commands import Draw
from loyalty.games.outcomes import DrawLimitReached
from loyalty.members.identities import find_members
from loyalty.merging.commands import MergeOut
from loyalty.merging.outcomes import AlreadyMerged, MergedOut, MergeWaits, SplitOff
from loyalty.merging.run import learn_unionid, merge, split
from loyalty.referral.commands import BindReferral
from loyalty.referral.outcomes import AlreadyBound, SelfReferral
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.rewards.outcomes import Redeemed
from loyalty.rewards.views import redemptions
from loyalty.welcome import Welcome
from tests.ledger import DAY_S, KEYS, Ledger, rules_with


async def nothing_is_wrong(ledger: Ledger) -> None:
    report = await audit(ledger.pool, ledger.clock.now() + timedelta(hours=1), KEYS)
    assert report.violations == []


async def merged(ledger: Ledger, one: int, other: int) -> Outcome:
    outcome = await merge(ledger.engine, (one, other), actor="operator", reason="同一个人")
    await nothing_is_wrong(ledger)
    return outcome


async def split_off(ledger: Ledger, member: int) -> Outcome:
    decision = await split(ledger.engine, member, actor="operator", reason="弄错了")
    await nothing_is_wrong(ledger)
    return decision.outcome


async def lots(ledger: Ledger, member: int) -> list[tuple[date, int]]:
    rows = await ledger.pool.fetch(
        "SELECT expires_on, remaining FROM lot WHERE member_id = $1 AND remaining > 0 ORDER BY expires_on",
        member,
    )
    return [tuple(row) for row in rows]


async def growth(ledger: Ledger, member: int) -> int:
    return int(await ledger.pool.fetchval("SELECT growth FROM account WHERE member_id = $1", member))


async def halves(ledger: Ledger) -> tuple[int, int]:
    """A member of the official account, and the same person's member of the mini-program."""
    return await ledger.member(wx_oa="o1"), await ledger.member(wx_mini="m1", unionid="u1")


async def test_all_points_move_lot_by_lot_with_the_days_they_lapse(ledger: Ledger) -> None:
    one, other = await halves(ledger)
    await ledger.run(CheckIn, other)
    ledger.clock.advance(40 * DAY_S)
    await ledger.run(CheckIn, other)
    await ledger.run(CheckIn, one)
    before = {day: points for member in (one, other) for day, points in await lots(ledger, member)}
    total = await ledger.balance(one) + await ledger.balance(other)
    grown = await growth(ledger, one) + await growth(ledger, other)
    assert isinstance(await merged(ledger, other, one), MergedOut)
    assert await ledger.balance(one) == total
    assert await ledger.balance(other) == 0
    assert {day for day, _ in await lots(ledger, one)} == before.keys()
    assert await growth(ledger, one) == grown
    reasons = {row["reason"] for row in await ledger.pool.fetch("SELECT reason FROM entry")}
    assert {"merged_out", "merged_in"} <= reasons


async def test_identities_sessions_and_codes_lead_to_the_one_who_is_left(ledger: Ledger) -> None:
    one, other = await halves(ledger)
    await ledger.pool.execute(
        "INSERT INTO session (token_hash, member_id, created_at, expires_at) VALUES ('t', $1, now(), now())",
        other,
    )
    await merged(ledger, one, other)
    known = await find_members(ledger.pool, [("wx_oa", "o1"), ("wx_mini", "m1"), ("unionid", "u1")])
    assert set(known.values()) == {one}
    for table in ("session", "referral_code"):
        assert await ledger.count(table, member_id=other) == 0
    await split_off(ledger, other)
    known = await find_members(ledger.pool, [("wx_oa", "o1"), ("wx_mini", "m1"), ("unionid", "u1")])
    assert known == {("wx_oa", "o1"): one, ("wx_mini", "m1"): other, ("unionid", "u1"): other}
    assert await ledger.count("referral_code", member_id=other) == 1
    assert await ledger.count("session") == 0, "nobody knows whose login it was"


async def test_a_unionid_learnt_later_merges_by_itself(ledger: Ledger) -> None:
    one, _ = await halves(ledger)
    assert await learn_unionid(ledger.engine, one, "u1", ledger.clock.now()) == one
    assert await ledger.balance(one) == 200
    await nothing_is_wrong(ledger)


async def test_the_day_and_the_draws_of_the_day_count_over_both(ledger: Ledger) -> None:
    one, other = await halves(ledger)
    signed = (await ledger.run(CheckIn, other)).outcome
    assert isinstance(signed, CheckedIn)
    limit = (await ledger.live()).rules.wheels[0].draws_per_day
    await ledger.give(other, 0)
    await merged(ledger, one, other)
    assert isinstance((await ledger.run(CheckIn, one)).outcome, AlreadyCheckedIn)
    assert isinstance((await ledger.run(Welcome, one)).outcome, AlreadyDone)
    assert limit > 0


async def test_draws_of_the_day_count_over_both(ledger: Ledger) -> None:
    one, other = await halves(ledger)
    wheel = (await ledger.live()).rules.wheels[0]
    for member in (one, other):
        await ledger.run(Draw, member, wheel=wheel.id)
    await merged(ledger, one, other)
    refused = (await ledger.run(Draw, one, wheel=wheel.id, count=wheel.draws_per_day - 1)).outcome
    assert refused == DrawLimitReached(wheel.draws_per_day, wheel.draws_per_day - 2)


async def test_a_gift_that_only_the_other_had_is_not_given_again(ledger: Ledger) -> None:
    await ledger.publish(rules_with(welcome={"points": 0}))
    one = await ledger.member(wx_oa="o1")
    await ledger.publish(rules_with())
    other = await ledger.member(wx_mini="m1")
    await merged(ledger, one, other)
    assert isinstance((await ledger.run(Welcome, one)).outcome, AlreadyDone)
    assert await ledger.balance(one) == 100


ROWS: list[tuple[Sequence[int], Sequence[int], int]] = [
    ((0, 1, 2), (3, 4), 5),
    ((3, 4), (0, 1, 2), 5),
    ((0, 2, 4), (1, 3), 5),
    ((4,), (0, 1, 2, 3, 4), 5),
    ((0, 1, 2, 3, 4), (4,), 5),
    ((0, 1), (3, 4), 2),
]


@pytest.mark.parametrize(("own", "brought", "streak"), ROWS)
async def test_days_in_a_row_go_on_over_both(
    ledger: Ledger, own: Sequence[int], brought: Sequence[int], streak: int
) -> None:
    one, other = await halves(ledger)
    for day in range(5):
        for member, days in ((one, own), (other, brought)):
            if day in days:
                await ledger.run(CheckIn, member)
        if day < 4:
            ledger.clock.advance(DAY_S)
    await merged(ledger, one, other)
    ledger.clock.advance(DAY_S)
    signed = (await ledger.run(CheckIn, one)).outcome
    assert isinstance(signed, CheckedIn)
    assert signed.streak == streak + 1
    await nothing_is_wrong(ledger)


async def test_a_request_of_the_merged_half_is_answered_again_and_not_done_again(ledger: Ledger) -> None:
    one, other = await halves(ledger)
    wheel = (await ledger.live()).rules.wheels[0]
    first = await ledger.run(Draw, other, key="oa:1", wheel=wheel.id)
    await merged(ledger, one, other)
    for member in (one, other):
        again = await ledger.run(Draw, member, key="oa:1", wheel=wheel.id)
        assert (again.outcome, again.replayed) == (first.outcome, True)
    assert await ledger.count("draw") == 1


async def test_a_command_for_the_merged_half_reaches_the_one_who_is_left(ledger: Ledger) -> None:
    one, other = await halves(ledger)
    await merged(ledger, one, other)
    signed = await ledger.run(CheckIn, other, key="oa:late")
    assert isinstance(signed.outcome, CheckedIn)
    assert signed.outcome.balance == await ledger.balance(one)
    assert (await ledger.run(CheckIn, one, key="oa:late")).replayed
    assert await ledger.count("receipt", member_id=other, request_key="oa:late") == 0
    refused = (await ledger.run(Cancel, other, receipt_no=1, line=0)).outcome
    assert refused.code == "member_merged", "it names a row by its number"


async def test_merging_again_and_at_once_happens_once(ledger: Ledger) -> None:
    one, other = await halves(ledger)
    async with ledger.rival() as rival:
        outcomes = await asyncio.gather(
            *(
                merge(engine, (one, other), actor="operator", reason="x")
                for engine in (ledger.engine, rival) * 4
            )
        )
    assert sum(isinstance(outcome, MergedOut) for outcome in outcomes) == 1
    assert all(isinstance(outcome, MergedOut | AlreadyMerged) for outcome in outcomes)
    assert await ledger.balance(one) == 200
    await nothing_is_wrong(ledger)


async def test_a_third_member_brings_their_halves(ledger: Ledger) -> None:
    one, two = await halves(ledger)
    three = await ledger.member(wx_x="x")
    await merged(ledger, two, three)
    await merged(ledger, one, two)
    assert await ledger.balance(one) == 300
    assert (await ledger.run(CheckIn, three, key="k")).outcome.code == "checked_in"
    assert await ledger.pool.fetchval("SELECT halves FROM account WHERE member_id = $1", one) == 2
    assert (await split_off(ledger, two)).code == "split_out"
    assert (await split_off(ledger, three)).code == "split_out"
    assert [await ledger.balance(member) for member in (one, two, three)] == [110, 100, 100]
    assert (await find_members(ledger.pool, [("wx_x", "x")]))["wx_x", "x"] == three


async def test_a_split_returns_what_is_left_and_they_are_not_merged_again_by_themselves(
    ledger: Ledger,
) -> None:
    one, other = await halves(ledger)
    await ledger.run(CheckIn, other)
    before = (await lots(ledger, other), await growth(ledger, other))
    await merged(ledger, one, other)
    undone = await split_off(ledger, other)
    assert isinstance(undone, SplitOff)
    assert undone.spent == 0
    assert (await lots(ledger, other), await growth(ledger, other)) == before
    assert await ledger.balance(one) == 100
    assert await learn_unionid(ledger.engine, one, "u1", ledger.clock.now()) == one
    assert await ledger.balance(one) == 100
    assert isinstance(await merged(ledger, one, other), MergedOut), "but an operator may"


async def test_a_frozen_half_is_not_merged_and_nothing_moves(ledger: Ledger) -> None:
    one, other = await halves(ledger)
    for frozen in (one, other):
        await ledger.run(FreezeAccount, frozen, reason="核实身份", by="小李")
        before = [await ledger.traces(member) for member in (one, other)]
        outcome = await merged(ledger, one, other)
        assert outcome.code in ("not_mergeable", AccountClosed.code)
        assert [await ledger.traces(member) for member in (one, other)] == before
        await ledger.run(ThawAccount, frozen, reason="核实过了", by="小李")


async def test_what_is_owed_to_a_member_is_done_before_they_are_merged(ledger: Ledger) -> None:
    one, other = await halves(ledger)
    await ledger.pool.execute("UPDATE follow_up SET done_at = NULL WHERE member_id = $1", other)
    assert isinstance(await merge(ledger.engine, (one, other), actor="x", reason="x"), MergeWaits)
    await ledger.engine.run_due_follow_ups(ledger.clock.now() + timedelta(minutes=2))
    assert isinstance(await merged(ledger, one, other), MergedOut)


async def test_a_crash_between_the_two_loses_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first half is committed, and its process dies before the second."""
    one, other = await halves(ledger)
    await ledger.run(CheckIn, other)
    total = await ledger.balance(one) + await ledger.balance(other)

    async def dies(*_: Any) -> list[Any]:
        return []

    monkeypatch.setattr(Answers, "_run_or_defer", dies)
    await ledger.run(MergeOut, other, into=one, reason="x")
    monkeypatch.undo()
    assert await ledger.balance(one) + await ledger.balance(other) < total
    signed = (await ledger.run(CheckIn, other, key="oa:at once")).outcome
    assert isinstance(signed, AlreadyCheckedIn), "the merge was completed first"
    assert await ledger.balance(one) == total
    await ledger.engine.run_due_follow_ups(ledger.clock.now() + timedelta(minutes=2))
    assert await ledger.balance(one) == total
    await nothing_is_wrong(ledger)


async def bought(ledger: Ledger, member: int) -> Redeemed:
    reward = (await ledger.live()).rules.rewards[0]
    outcome = (await ledger.run(Redeem, member, reward=reward.id)).outcome
    assert isinstance(outcome, Redeemed)
    return outcome


async def test_vouchers_come_along_and_can_be_cancelled_into_the_lots_that_paid(ledger: Ledger) -> None:
    one, other = await halves(ledger)
    await ledger.give(other, 400)
    before = await lots(ledger, other)
    voucher = await bought(ledger, other)
    await merged(ledger, one, other)
    live = await ledger.live()
    (listed,) = await redemptions(one, live, ledger.clock.now())
    assert (listed.voucher, listed.state, listed.points) == (voucher.voucher, "issued", voucher.points)
    assert await redemptions(other, live, ledger.clock.now()) == []
    await ledger.run(Cancel, one, receipt_no=listed.receipt_no, line=listed.line)
    own = await ledger.pool.fetchval("SELECT 100")  # the gift of the one who was first
    assert sum(points for _, points in await lots(ledger, one)) == own + sum(points for _, points in before)
    await nothing_is_wrong(ledger)


async def test_a_voucher_is_used_once_whoever_has_it_now(ledger: Ledger) -> None:
    one, other = await halves(ledger)
    await ledger.give(other, 400)
    voucher = await bought(ledger, other)
    await merged(ledger, one, other)
    stands = await ledger.pool.fetchrow(
        "SELECT member_id, receipt_no, line FROM voucher_code WHERE code = $1", voucher.voucher
    )
    assert stands["member_id"] == one
    assert (
        await ledger.run(Cancel, other, receipt_no=voucher.receipt_no, line=0)
    ).outcome.code == "member_merged"
    await split_off(ledger, other)
    (back,) = await redemptions(other, await ledger.live(), ledger.clock.now())
    assert (back.voucher, back.state) == (voucher.voucher, "issued")
    assert await redemptions(one, await ledger.live(), ledger.clock.now()) == []
    cancelled = (await ledger.run(Cancel, other, receipt_no=back.receipt_no, line=back.line)).outcome
    assert cancelled.code == "cancelled"
    await nothing_is_wrong(ledger)


async def test_the_stricter_of_both_choices_counts(ledger: Ledger) -> None:
    one, other = await halves(ledger)
    await ledger.pool.execute(
        "UPDATE member SET nickname = '小光', notices_opted_out = true WHERE member_id = $1", other
    )
    for member, granted in ((one, 1), (other, 2)):
        await ledger.pool.execute("INSERT INTO consent VALUES ($1, 't', $2, now())", member, granted)
    await merged(ledger, one, other)
    row = await ledger.pool.fetchrow(
        "SELECT nickname, notices_opted_out FROM member WHERE member_id = $1", one
    )
    assert tuple(row) == ("小光", True)
    assert await ledger.pool.fetchval("SELECT granted FROM consent WHERE member_id = $1", one) == 3


REFERRAL = {"enabled": True, "inviter_points": 50, "friend_points": 20}


async def test_nobody_invites_themselves_through_the_other_half(ledger: Ledger) -> None:
    await ledger.publish(rules_with(referral=REFERRAL))
    one, other = await halves(ledger)
    await ledger.pool.execute("UPDATE account SET status = 'frozen' WHERE member_id = $1", one)
    await learn_unionid(ledger.engine, one, "u1", ledger.clock.now())
    assert (await ledger.run(BindReferral, other, inviter_id=one)).outcome == SelfReferral(), (
        "known, not yet merged"
    )
    await ledger.pool.execute("UPDATE account SET status = 'open' WHERE member_id = $1", one)
    await merged(ledger, one, other)
    for member in (one, other):
        for inviter in (one, other):
            assert (await ledger.run(BindReferral, member, inviter_id=inviter)).outcome == SelfReferral()


@pytest.mark.parametrize("when", ["bound", "qualified"])
async def test_a_referral_between_halves_pays_nobody(ledger: Ledger, when: str) -> None:
    await ledger.publish(rules_with(referral=REFERRAL))
    one, other = await halves(ledger)
    await ledger.run(BindReferral, other, inviter_id=one)
    if when == "qualified":
        await ledger.pool.execute("UPDATE member SET merge_with = $2 WHERE member_id = $1", one, other)
        await ledger.run(CheckIn, other)
    await merge(ledger.engine, (one, other), actor="x", reason="x")
    await ledger.run(CheckIn, other)
    await ledger.engine.run_due_follow_ups(ledger.clock.now() + timedelta(minutes=2))
    reasons = {row["reason"] for row in await ledger.pool.fetch("SELECT reason FROM entry")}
    assert not {one for one in reasons if one.startswith("referral")}
    await nothing_is_wrong(ledger)


async def test_a_friend_is_rewarded_for_once_over_both_halves(ledger: Ledger) -> None:
    await ledger.publish(rules_with(referral=REFERRAL))
    inviter = await ledger.member()
    one, other = await halves(ledger)
    await ledger.run(BindReferral, other, inviter_id=inviter)
    await merged(ledger, one, other)
    assert (await ledger.run(BindReferral, one, inviter_id=inviter)).outcome == AlreadyBound(inviter)
    await ledger.run(CheckIn, one)
    assert await ledger.balance(inviter) == 150
    assert await ledger.balance(one) == 200 + 10 + 20
    await nothing_is_wrong(ledger)


async def test_a_notice_that_waits_reaches_the_one_who_is_left(ledger: Ledger) -> None:
    one, other = await halves(ledger)
    await merged(ledger, one, other)
    recipient = await read_recipient(ledger.pool, other, "wx_oa", "wx_mini")
    assert recipient is not None
    assert (recipient.member_id, recipient.oa_openid, recipient.miniapp_openid) == (one, "o1", "m1")
    await ledger.pool.execute(
        "INSERT INTO notice (member_id, kind, key, receipt_no, payload, state, reason, created_at, due_at)"
        " VALUES ($1, 'x', 'x', 1, '{}', 'waiting', 'no_consent', now(), now())", other
    )  # fmt: skip
    await Directory(ledger.pool, ledger.zone).note_visit(one, ledger.clock.now(), skip_if_known_today=False)
    assert await ledger.pool.fetchval("SELECT state FROM notice WHERE member_id = $1", other) == "due"


async def test_a_reward_cannot_be_exchanged_twice_over_a_merge(ledger: Ledger) -> None:
    one, other = await halves(ledger)
    await ledger.give(other, 300)
    reward = (await ledger.live()).rules.rewards[0]
    bought = await ledger.run(Redeem, other, key="api:1", reward=reward.id)
    await merged(ledger, one, other)
    again = await ledger.run(Redeem, one, key="api:1", reward=reward.id)
    assert (again.outcome, again.replayed) == (bought.outcome, True)


@pytest.mark.parametrize("spent", [0, 60])
async def test_points_that_count_for_no_growth_go_and_come_back_without_any(
    ledger: Ledger, spent: int
) -> None:
    """Points of an adjustment are more than the growth of the one who has them, and of the one who gets them."""
    await ledger.publish(rules_with(welcome={"points": 0}))
    one, other = await halves(ledger)
    await ledger.run(AdjustPoints, other, points=500, reason="补", ticket="T", by="小王")
    if spent:
        await ledger.run(Redeem, other, reward="cookie")
    await merged(ledger, one, other)
    assert (await ledger.balance(one), await growth(ledger, one)) == (500 - spent, 0)
    await split_off(ledger, other)
    assert [await ledger.balance(member) for member in (one, other)] == [0, 500 - spent]
    assert [await growth(ledger, member) for member in (one, other)] == [0, 0]
