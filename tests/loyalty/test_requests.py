"""Requests and facts: a repeat hears the same, a reused key is found out, a refusal moves nothing."""

from typing import Any

import asyncpg
import pytest

from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import AlreadyCheckedIn, CheckedIn
from loyalty.engine.command import Command
from loyalty.engine.outcomes import Result
from loyalty.engine.refusals import NotEnoughPoints, RequestKeyReused, UnknownMember
from loyalty.expiry.commands import Book as Expire
from loyalty.games.commands import Draw
from loyalty.referral.commands import BindReferral, QualifyReferral
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.rewards.outcomes import NotCancellable, Redeemed, UnknownReward
from tests.ledger import Ledger, rules_with

TEN_POINT_CUP = {"id": "cup", "name": "杯子", "kind": "voucher", "price_points": 10, "valid_days": 30}


async def test_a_recorded_refusal_raises_the_version_and_moves_nothing(ledger: Ledger) -> None:
    member = await ledger.member()
    before, version = await ledger.traces(member), await ledger.version(member)
    decision = await ledger.run(Redeem, member, reward="class")
    assert decision.outcome == NotEnoughPoints(needed=3000, available=100)
    after = await ledger.traces(member)
    assert {table for table in after if after[table] != before[table]} == {"account", "receipt"}
    assert await ledger.version(member) == version + 1
    assert await ledger.balance(member) == 100
    assert await ledger.count("receipt", member_id=member, accepted=False, no=version + 1) == 1


COMMANDS: list[tuple[type[Command], dict[str, Any], dict[str, Any]]] = [
    (CheckIn, {}, {}),
    (
        Draw,
        {"wheel": "lucky", "count": 2, "client_seed": "a"},
        {"wheel": "lucky", "count": 1, "client_seed": "a"},
    ),
    (Draw, {"wheel": "lucky", "client_seed": "a"}, {"wheel": "lucky", "client_seed": "b"}),
    (Draw, {"wheel": "lucky"}, {"wheel": "lucky", "odds_version": "2-other"}),
    (Redeem, {"reward": "cookie"}, {"reward": "cookie", "quantity": 2}),
    (Redeem, {"reward": "class"}, {"reward": "mug"}),
]


@pytest.mark.parametrize(("kind", "sent", "other"), COMMANDS)
async def test_the_same_request_hears_the_same_and_leaves_no_row(
    ledger: Ledger, kind: type[Command], sent: dict[str, Any], other: dict[str, Any]
) -> None:
    member = await ledger.member()
    first = await ledger.run(kind, member, key="api:1", **sent)
    before = await ledger.traces(member)
    again = await ledger.run(kind, member, key="api:1", **sent)
    assert (again.outcome, again.replayed) == (first.outcome, True)
    assert await ledger.traces(member) == before


@pytest.mark.parametrize(("kind", "sent", "other"), COMMANDS[1:])
async def test_a_reused_key_with_other_content_is_a_conflict_and_leaves_no_row(
    ledger: Ledger, kind: type[Command], sent: dict[str, Any], other: dict[str, Any]
) -> None:
    member = await ledger.member()
    await ledger.run(kind, member, key="api:1", **sent)
    before = await ledger.traces(member)
    assert (await ledger.run(kind, member, key="api:1", **other)).outcome == RequestKeyReused()
    assert (await ledger.run(Expire, member, key="api:1")).outcome == RequestKeyReused()
    assert await ledger.traces(member) == before


async def test_the_same_key_of_two_members_is_two_requests(ledger: Ledger) -> None:
    one, two = await ledger.member(), await ledger.member()
    first = await ledger.run(CheckIn, one, key="api:same")
    second = await ledger.run(CheckIn, two, key="api:same")
    assert isinstance(first.outcome, CheckedIn)
    assert isinstance(second.outcome, CheckedIn)
    assert not second.replayed


async def test_a_stored_refusal_stays_refused_after_points_arrive(ledger: Ledger) -> None:
    member = await ledger.member()
    refused = await ledger.run(Redeem, member, key="api:r", reward="americano")
    assert refused.outcome == NotEnoughPoints(needed=150, available=100)
    await ledger.give(member, 200)
    before = await ledger.traces(member)
    again = await ledger.run(Redeem, member, key="api:r", reward="americano")
    assert (again.outcome, again.replayed) == (refused.outcome, True)
    assert await ledger.traces(member) == before
    fresh = await ledger.run(Redeem, member, key="api:r2", reward="americano")
    assert isinstance(fresh.outcome, Redeemed)


async def test_a_refusal_that_was_not_stored_is_decided_afresh(ledger: Ledger) -> None:
    member = await ledger.member()
    before = await ledger.traces(member)
    assert (await ledger.run(Redeem, member, key="api:r", reward="cup")).outcome == UnknownReward("cup")
    assert await ledger.traces(member) == before
    await ledger.publish(rules_with(rewards=[TEN_POINT_CUP]))
    again = await ledger.run(Redeem, member, key="api:r", reward="cup")
    assert isinstance(again.outcome, Redeemed)
    assert not again.replayed


UNSTORED: list[tuple[type[Command], dict[str, Any], str]] = [
    (CheckIn, {}, "already_checked_in"),
    (Expire, {}, "nothing_due"),
    (Draw, {"wheel": "no_such"}, "unknown_wheel"),
    (Redeem, {"reward": "no_such"}, "unknown_reward"),
    (Cancel, {"receipt_no": 99, "line": 0}, "unknown_redemption"),
    (BindReferral, {"inviter_id": 1}, "self_referral"),
    (BindReferral, {"inviter_id": 2}, "referral_too_late"),
    (QualifyReferral, {}, "not_referred"),
]


@pytest.mark.parametrize(("kind", "fields", "code"), UNSTORED)
async def test_these_refusals_leave_no_trace(
    ledger: Ledger, kind: type[Command], fields: dict[str, Any], code: str
) -> None:
    member = await ledger.member()
    assert member == 1
    await ledger.run(CheckIn, member)
    before = await ledger.traces(member)
    assert (await ledger.run(kind, member, **fields)).outcome.code == code
    assert await ledger.traces(member) == before


async def test_a_stranger_has_no_account(ledger: Ledger) -> None:
    assert (await ledger.run(CheckIn, 4711)).outcome == UnknownMember(4711)
    assert await ledger.count("receipt", member_id=4711) == 0


async def test_another_request_for_a_fact_that_stands(ledger: Ledger) -> None:
    member = await ledger.member()
    await ledger.run(CheckIn, member, key="oa:1")
    assert isinstance((await ledger.run(CheckIn, member, key="oa:2")).outcome, AlreadyCheckedIn)
    bought = (await ledger.run(Redeem, member, reward="cookie")).outcome
    assert isinstance(bought, Redeemed)
    cancel = {"receipt_no": bought.receipt_no, "line": 0}
    assert isinstance((await ledger.run(Cancel, member, key="a", **cancel)).outcome, Result)
    before = await ledger.traces(member)
    assert (await ledger.run(Cancel, member, key="b", **cancel)).outcome == NotCancellable("cancelled")
    assert await ledger.traces(member) == before


async def test_a_frozen_account_is_refused_and_left_alone(ledger: Ledger) -> None:
    member = await ledger.member()
    await ledger.pool.execute("UPDATE account SET status = 'frozen' WHERE member_id = $1", member)
    before = await ledger.traces(member)
    assert (await ledger.run(CheckIn, member)).outcome.code == "account_closed"
    assert (await ledger.run(Draw, member, wheel="lucky")).outcome.code == "account_closed"
    assert await ledger.traces(member) == before


@pytest.mark.parametrize("count", [0, -1, -(2**63)])
async def test_a_count_below_one_cannot_even_be_asked(ledger: Ledger, count: int) -> None:
    member = await ledger.member()
    before = await ledger.traces(member)
    with pytest.raises(ValueError, match="at least 1"):
        await ledger.run(Redeem, member, reward="cookie", quantity=count)
    with pytest.raises(ValueError, match="at least 1"):
        await ledger.run(Draw, member, wheel="lucky", count=count)
    assert await ledger.traces(member) == before


@pytest.mark.parametrize("count", [10**9, 2**63, 10**30])
async def test_an_absurd_count_is_an_ordinary_refusal(ledger: Ledger, count: int) -> None:
    await ledger.publish(rules_with(rewards=[TEN_POINT_CUP]))
    member = await ledger.member()
    bought = await ledger.run(Redeem, member, reward="cup", quantity=count)
    assert bought.outcome == NotEnoughPoints(needed=10 * count, available=100)
    drawn = await ledger.run(Draw, member, wheel="lucky", count=count)
    assert drawn.outcome.code == "draw_limit_reached"
    assert await ledger.balance(member) == 100


ROUND_TWICE = """
INSERT INTO wheel_round (wheel, odds_version, commitment, sealed_seed, key_id, opened_at, ends_at, opened_in)
SELECT wheel, odds_version, commitment, sealed_seed, key_id, opened_at, ends_at, opened_in FROM wheel_round
"""
LOT_TWICE = """
INSERT INTO lot (member_id, expires_on, opens_on, terms, opened, granted, remaining)
SELECT member_id, expires_on, opens_on, terms, opened, 0, 0 FROM lot
"""
WALLS = [
    ("receipt", "receipt_pkey", "UPDATE receipt SET no = 1 WHERE member_id = 1 AND no = 2"),
    ("receipt", "receipt_request_key", "UPDATE receipt SET request_key = 'k1' WHERE member_id = 1 AND request_key = 'k2'"),
    ("receipt", "receipt_fact_key",
     "UPDATE receipt SET scope = 'check_in', ref = '2026-03-02' WHERE member_id = 1 AND scope = 'redeem'"),
    ("check_in", "check_in_pkey", "INSERT INTO check_in SELECT * FROM check_in"),
    ("entry", "entry_pkey", "INSERT INTO entry SELECT * FROM entry"),
    ("draw", "draw_pkey", "INSERT INTO draw SELECT * FROM draw"),
    ("redemption", "redemption_pkey", "INSERT INTO redemption SELECT * FROM redemption"),
    ("voucher_code", "voucher_code_pkey", "INSERT INTO voucher_code SELECT * FROM voucher_code"),
    ("lot", "lot_pkey", LOT_TWICE),
    ("lot_use", "lot_use_pkey", "INSERT INTO lot_use SELECT * FROM lot_use"),
    ("referral", "referral_pkey", "INSERT INTO referral SELECT * FROM referral"),
    ("notice", "notice_pkey", "INSERT INTO notice SELECT * FROM notice"),
    ("follow_up", "follow_up_pkey", "INSERT INTO follow_up SELECT * FROM follow_up"),
    ("identity", "identity_pkey", "INSERT INTO identity SELECT * FROM identity"),
    ("wheel_round", "wheel_round_open_key",
     ROUND_TWICE),
]  # fmt: skip


async def test_unique_keys_stand_as_a_second_wall(ledger: Ledger) -> None:
    member = await ledger.member()
    friend = await ledger.member()
    await ledger.run(BindReferral, friend, inviter_id=member)
    await ledger.run(CheckIn, friend)
    await ledger.run(CheckIn, member, key="k1")
    await ledger.run(Redeem, member, key="k2", reward="cookie")
    await ledger.run(Draw, member, wheel="lucky")
    for table, wall, duplicate in WALLS:
        assert await ledger.count(table) > 0, table
        with pytest.raises(asyncpg.UniqueViolationError) as refused:
            await ledger.pool.execute(duplicate)
        assert refused.value.constraint_name == wall
