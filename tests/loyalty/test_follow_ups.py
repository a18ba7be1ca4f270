"""What a command owes to another member is done before its caller hears, or by the clock after a crash, once."""

import asyncio
from datetime import timedelta

from jifen.loyalty.audit import audit
from jifen.loyalty.commands import BindReferral, CheckIn
from jifen.loyalty.follow_ups import LEASE
from jifen.loyalty.outcomes import CheckedIn, ReferralBound
from tests.ledger import Ledger, rules_with

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
            *(engine.settle_follow_ups(ledger.clock.now()) for engine in (ledger.engine, rival) * 3)
        )
    assert sum(claimed) == await ledger.count("follow_up") == 4
    assert await balances(ledger, inviter, friend) == [150, 130]
    assert await ledger.pool.fetchval("SELECT count(*) FROM follow_up WHERE done_at IS NULL") == 0
    assert (await audit(ledger.pool, ledger.clock.now())).violations == []


async def test_a_newcomer_whose_process_died_gets_the_gift_later(ledger: Ledger) -> None:
    await ledger.pool.execute(
        "INSERT INTO member VALUES (7, '小光', 'code', $1, '2026-03-02')", ledger.clock.now()
    )
    await ledger.pool.execute(
        "INSERT INTO account (member_id, chain, posted_at) VALUES (7, sha256('jifen:7'), $1)",
        ledger.clock.now(),
    )
    await ledger.pool.execute(
        "INSERT INTO follow_up (member_id, request_key, command, payload, effective_at, due_at)"
        " VALUES (7, 'engine:welcome', 'welcome', '{}', $1, $1)", ledger.clock.now(),
    )  # fmt: skip
    assert await ledger.engine.settle_follow_ups(ledger.clock.now()) == 1
    assert await ledger.engine.settle_follow_ups(ledger.clock.now()) == 0
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
    assert await ledger.engine.settle_follow_ups(ledger.clock.now()) == 2
    left = await ledger.pool.fetch(
        "SELECT request_key, attempts, last_error FROM follow_up WHERE done_at IS NULL"
    )
    assert [tuple(row) for row in left] == [("a", 1, "KeyError")]
    assert await ledger.engine.settle_follow_ups(ledger.clock.now()) == 0
    ledger.clock.advance(LEASE.total_seconds())
    assert await ledger.engine.settle_follow_ups(ledger.clock.now()) == 1
    ledger.clock.advance(86_400)
    await ledger.engine.settle_follow_ups(ledger.clock.now())
    named = [
        (found.invariant, found.member_id)
        for found in (await audit(ledger.pool, ledger.clock.now())).violations
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
    assert await ledger.engine.settle_follow_ups(ledger.clock.now()) == 0, (
        "its own process may still be at it"
    )
    await ledger.pool.execute("UPDATE account SET status = 'open' WHERE member_id = $1", inviter)
    ledger.clock.advance(LEASE.total_seconds())
    assert await ledger.engine.settle_follow_ups(ledger.clock.now()) == 1
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
    await ledger.engine.settle_follow_ups(ledger.clock.now())
    assert await ledger.balance(inviter) == 150
    assert await ledger.pool.fetchval("SELECT rule_version FROM receipt WHERE scope = 'referral'") == 1
    assert (await audit(ledger.pool, ledger.clock.now())).violations == []
