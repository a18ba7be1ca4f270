"""A follow-up is done once: to its own member before the caller hears, to others after it, or by the job after a crash."""

import asyncio
from datetime import timedelta

import pytest

from loyalty.adjustments.commands import FreezeAccount, ThawAccount
from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import CheckedIn
from loyalty.engine.follow_ups import LEASE, MOST_ATTEMPTS, fail
from loyalty.erasing.commands import EraseMember
from loyalty.ledger.writes import FollowUp
from loyalty.merging.run import learn_unionid
from loyalty.programme.in_force.live import NoRulesPublished
from loyalty.referral.commands import BindReferral
from loyalty.referral.outcomes import ReferralBound
from tests.ledger import KEYS, Ledger, rules_with
from tests.loyalty.waiting import standing_in_the_way

UNDO = "UPDATE follow_up SET done_at = NULL"


async def pair(ledger: Ledger) -> tuple[int, int]:
    """An inviter and the friend bound to them."""
    inviter, friend = await ledger.member(), await ledger.member()
    bound = await ledger.run(BindReferral, friend, inviter_id=inviter)
    assert bound.outcome == ReferralBound(inviter)
    return inviter, friend


async def balances(ledger: Ledger, *members: int) -> list[int]:
    return [await ledger.balance(member) for member in members]


async def test_follow_ups_run_before_the_caller_is_answered(ledger: Ledger) -> None:
    inviter, friend = await pair(ledger)
    await ledger.run(CheckIn, friend)
    assert await balances(ledger, inviter, friend) == [150, 130]
    assert await ledger.pool.fetchval("SELECT count(*) FROM follow_up WHERE done_at IS NULL") == 0
    assert await ledger.count("notice", member_id=inviter, kind="referral_rewarded") == 1


async def test_an_answer_waits_for_nobody_whom_the_command_owes(ledger: Ledger) -> None:
    inviter, friend = await pair(ledger)
    command = CheckIn(member_id=friend, request_key="oa:first", at=ledger.clock.now())
    async with standing_in_the_way(
        ledger.database_url, "SELECT FROM account WHERE member_id = $1 FOR UPDATE", inviter
    ):
        async with asyncio.timeout(1.5):
            answer = await ledger.engine.run(command)
        assert [one.code for one in answer.consequences] == ["referral_qualified"]
        assert await balances(ledger, inviter, friend) == [100, 130]
    await ledger.engine.settle()
    assert await balances(ledger, inviter, friend) == [150, 130]
    await nothing_is_wrong(ledger)


async def test_an_inviter_does_not_wait_for_what_a_crowd_of_friends_brings(ledger: Ledger) -> None:
    inviter = await ledger.member()
    friends = [await ledger.member() for _ in range(60)]
    for friend in friends:
        await ledger.run(BindReferral, friend, inviter_id=inviter)
    at = ledger.clock.now()
    commands = [CheckIn(member_id=friend, request_key="oa:first", at=at) for friend in friends]
    await ledger.engine.run_all(commands)
    await ledger.engine.run(CheckIn(member_id=inviter, request_key="oa:first", at=at))
    place = "SELECT no FROM receipt WHERE member_id = $1 AND request_key = 'oa:first'"
    assert await ledger.pool.fetchval(place, inviter) < 30, "of 62: in the middle of what is owed"
    await ledger.engine.settle()
    assert await ledger.count("receipt", member_id=inviter, scope="referral", accepted=True) == 60
    assert await ledger.pool.fetchval("SELECT count(*) FROM follow_up WHERE done_at IS NULL") == 0
    await nothing_is_wrong(ledger)


async def test_only_the_first_sign_in_qualifies(ledger: Ledger) -> None:
    inviter, friend = await pair(ledger)
    for _ in range(5):
        await ledger.run(CheckIn, friend)
        ledger.clock.advance(86_400)
    assert await ledger.balance(inviter) == 150
    assert await ledger.count("receipt", scope="referral") == 1


async def test_nobody_is_paid_while_rewards_are_switched_off(ledger: Ledger) -> None:
    await ledger.publish(rules_with(referral={"enabled": False, "inviter_points": 50, "friend_points": 20}))
    inviter, friend = await pair(ledger)
    await ledger.run(CheckIn, friend)
    assert await balances(ledger, inviter, friend) == [100, 110]
    assert await ledger.pool.fetchval("SELECT qualified_at IS NOT NULL FROM referral") is True


async def test_what_a_crash_left_is_run_once_though_two_look_at_once(ledger: Ledger) -> None:
    """Undone by hand: rows whose process died between its commit and the follow-up."""
    inviter, friend = await pair(ledger)
    async with ledger.rival() as rival:
        await ledger.pool.execute("UPDATE account SET status = 'frozen' WHERE member_id = $1", inviter)
        await ledger.run(CheckIn, friend)
        await ledger.pool.execute("UPDATE account SET status = 'open' WHERE member_id = $1", inviter)
        await ledger.pool.execute(UNDO)
        assert await balances(ledger, inviter, friend) == [100, 130]
        ledger.clock.advance(LEASE.total_seconds())
        claimed = await asyncio.gather(
            *(engine.run_due_follow_ups(ledger.clock.now()) for engine in (ledger.engine, rival) * 3)
        )
    assert sum(claimed) == await ledger.count("follow_up") == 4
    assert await balances(ledger, inviter, friend) == [150, 130]
    assert await ledger.pool.fetchval("SELECT count(*) FROM follow_up WHERE done_at IS NULL") == 0
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_a_newcomer_whose_process_died_gets_the_gift_later(ledger: Ledger) -> None:
    await ledger.pool.execute(
        "INSERT INTO member VALUES (7, '小光', 'code', $1, '2026-03-02')", ledger.clock.now()
    )
    await ledger.pool.execute(
        "INSERT INTO account (member_id, chain, posted_at, last_seen_on) VALUES (7, sha256('jifen:7'), $1, '2026-03-02')",
        ledger.clock.now(),
    )
    await ledger.pool.execute(
        "INSERT INTO follow_up (member_id, request_key, command, payload, effective_at, due_at)"
        " VALUES (7, 'engine:welcome', 'welcome', '{}', $1, $1)", ledger.clock.now(),
    )  # fmt: skip
    assert await ledger.engine.run_due_follow_ups(ledger.clock.now()) == 1
    assert await ledger.engine.run_due_follow_ups(ledger.clock.now()) == 0
    assert await ledger.balance(7) == 100


async def test_a_follow_up_that_cannot_run_holds_nobody_up(ledger: Ledger) -> None:
    """A row that names no command fails, keeps its error and its place; those behind it are run; the audit names it."""
    member = await ledger.member()
    now = ledger.clock.now()
    rows = [(member, "a", "no_such", now), (member, "b", "reward_referral", now + timedelta(seconds=1))]
    for member_id, key, command, due in rows:
        await ledger.pool.execute(
            "INSERT INTO follow_up (member_id, request_key, command, payload, effective_at, due_at)"
            " VALUES ($1, $2, $3, $4, $5, $5)",
            member_id, key, command, "{}" if key == "a" else '{"friend_id": 99}', due,
        )  # fmt: skip
    ledger.clock.advance(1)
    assert await ledger.engine.run_due_follow_ups(ledger.clock.now()) == 2
    left = await ledger.pool.fetch(
        "SELECT request_key, attempts, last_error FROM follow_up WHERE done_at IS NULL"
    )
    assert [tuple(row) for row in left] == [("a", 1, "KeyError")]
    assert await ledger.engine.run_due_follow_ups(ledger.clock.now()) == 0
    ledger.clock.advance(LEASE.total_seconds())
    assert await ledger.engine.run_due_follow_ups(ledger.clock.now()) == 1
    ledger.clock.advance(86_400)
    await ledger.engine.run_due_follow_ups(ledger.clock.now())
    named = [
        (found.invariant, found.member_id)
        for found in (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations
    ]
    assert ("I21", member) in named


async def test_a_refused_follow_up_waits_with_its_reason_and_is_not_run_before_its_time(
    ledger: Ledger,
) -> None:
    inviter, friend = await pair(ledger)
    await ledger.pool.execute("UPDATE account SET status = 'frozen' WHERE member_id = $1", inviter)
    await ledger.run(CheckIn, friend)
    left = await ledger.pool.fetch("SELECT member_id, last_error FROM follow_up WHERE done_at IS NULL")
    assert [tuple(row) for row in left] == [(inviter, "account_closed")]
    assert await ledger.engine.run_due_follow_ups(ledger.clock.now()) == 0, (
        "its own process may still be at it"
    )
    await ledger.pool.execute("UPDATE account SET status = 'open' WHERE member_id = $1", inviter)
    ledger.clock.advance(LEASE.total_seconds())
    assert await ledger.engine.run_due_follow_ups(ledger.clock.now()) == 1
    assert await balances(ledger, inviter, friend) == [150, 130]
    assert (
        await ledger.pool.fetchval("SELECT count(*) FROM follow_up WHERE done_at IS NULL OR last_error <> ''")
        == 0
    )


async def test_a_follow_up_is_worth_what_the_rules_said_when_it_was_owed(ledger: Ledger) -> None:
    inviter, friend = await pair(ledger)
    await ledger.pool.execute("UPDATE account SET status = 'frozen' WHERE member_id = $1", inviter)
    signed = await ledger.run(CheckIn, friend)
    assert isinstance(signed.outcome, CheckedIn)
    await ledger.pool.execute("UPDATE account SET status = 'open' WHERE member_id = $1", inviter)
    for points in (1, 2, 3, 4):
        ledger.clock.advance(60)
        await ledger.publish(rules_with(referral={"enabled": True, "inviter_points": points}))
    await ledger.engine.run_due_follow_ups(ledger.clock.now())
    assert await ledger.balance(inviter) == 150
    assert await ledger.pool.fetchval("SELECT rule_version FROM receipt WHERE scope = 'referral'") == 1
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def nothing_is_wrong(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def days_of_jobs(ledger: Ledger, days: int) -> int:
    """Let the job look every ten minutes for so many days; how many rows it took up."""
    taken = 0
    for _ in range(days * 144):
        ledger.clock.advance(600)
        taken += await ledger.engine.run_due_follow_ups(ledger.clock.now())
    return taken


async def test_what_is_owed_to_a_closed_account_ends(ledger: Ledger) -> None:
    inviter, friend = await pair(ledger)
    await ledger.run(EraseMember, inviter, reason="本人要求", by="小李", forfeit=True)
    await ledger.run(CheckIn, friend)
    assert await days_of_jobs(ledger, 2) == 0
    left = await ledger.pool.fetch("SELECT member_id, last_error FROM follow_up WHERE last_error <> ''")
    assert [tuple(row) for row in left] == [(inviter, "account_closed")]
    await nothing_is_wrong(ledger)


async def test_a_frozen_account_is_waited_for_with_patience(ledger: Ledger) -> None:
    inviter, friend = await pair(ledger)
    await ledger.run(FreezeAccount, inviter, reason="核实身份", by="小李")
    await ledger.run(CheckIn, friend)
    assert 45 < await days_of_jobs(ledger, 3) < 75
    await nothing_is_wrong(ledger)
    await ledger.run(ThawAccount, inviter, reason="核实过了", by="小李")
    assert await days_of_jobs(ledger, 1) == 1
    assert await balances(ledger, inviter, friend) == [150, 130]
    await nothing_is_wrong(ledger)


async def test_what_fails_again_and_again_is_given_up_and_named(ledger: Ledger) -> None:
    member = await ledger.member()
    await ledger.pool.execute(
        "INSERT INTO follow_up (member_id, request_key, command, payload, effective_at, due_at)"
        " VALUES ($1, 'a', 'no_such', '{}', $2, $2)", member, ledger.clock.now(),
    )  # fmt: skip
    assert await days_of_jobs(ledger, 2) == MOST_ATTEMPTS
    found = (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations
    assert [(one.invariant, one.member_id) for one in found] == [("I21", member)]
    assert "given up after 12 attempts: KeyError" in found[0].detail


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(0, 1), (1, 1), (2, 2), (3, 4), (7, 64), (8, 64), (11, 64)]
)
async def test_pauses_double_up_to_an_hour(ledger: Ledger, attempts: int, minutes: int) -> None:
    member, now = await ledger.member(), ledger.clock.now()
    await ledger.pool.execute(
        "UPDATE follow_up SET done_at = NULL, due_at = $1, attempts = $2", now, attempts
    )
    await fail(ledger.pool, FollowUp(member, "engine:welcome", "welcome", {}), "KeyError", now)
    row = await ledger.pool.fetchrow("SELECT due_at, done_at, last_error FROM follow_up")
    assert tuple(row) == (now + timedelta(minutes=minutes), None, "KeyError")


async def test_a_missing_programme_gives_nobody_up(ledger: Ledger) -> None:
    await ledger.pool.execute("TRUNCATE rule_version")
    with pytest.raises(NoRulesPublished):
        await ledger.member()
    assert await days_of_jobs(ledger, 1) > MOST_ATTEMPTS
    await ledger.publish_anew()
    assert await days_of_jobs(ledger, 1) == 1
    assert await ledger.balance(1) == 100


async def merged_away(ledger: Ledger, inviter: int, owner: int) -> None:
    """The inviter turns out to be the owner."""
    assert await learn_unionid(ledger.engine, inviter, "u1", ledger.clock.now()) == owner


@pytest.mark.parametrize("when", ["bound", "qualified"])
async def test_a_reward_finds_the_one_that_the_inviter_turned_out_to_be(ledger: Ledger, when: str) -> None:
    await ledger.publish(rules_with(welcome={"points": 0}))
    owner = await ledger.member(wx_oa="o1", unionid="u1")
    inviter, friend = await pair(ledger)
    if when == "bound":
        await merged_away(ledger, inviter, owner)
    await ledger.run(CheckIn, friend)
    if when == "qualified":
        await merged_away(ledger, inviter, owner)
    assert await balances(ledger, owner, friend) == [50, 30]
    assert await ledger.pool.fetchval("SELECT count(*) FROM follow_up WHERE done_at IS NULL") == 0
    await nothing_is_wrong(ledger)


async def test_nobody_is_paid_for_having_invited_oneself(ledger: Ledger) -> None:
    """Two identities of one person, one inviting the other before the unionid tells."""
    await ledger.publish(rules_with(welcome={"points": 0}))
    inviter = await ledger.member(wx_mini="m1")
    friend = await ledger.member(wx_oa="o1", unionid="u1")
    await ledger.run(BindReferral, friend, inviter_id=inviter)
    assert await learn_unionid(ledger.engine, inviter, "u1", ledger.clock.now()) == inviter
    await ledger.run(CheckIn, friend)
    assert await ledger.balance(inviter) == 10, "neither side is paid"
    assert await days_of_jobs(ledger, 1) == 0
    await nothing_is_wrong(ledger)
