"""Sessions that are over, and rewards a crash left owed."""

import asyncio
import hashlib
from datetime import timedelta

import pytest

from loyalty.checkin.commands import CheckIn
from loyalty.engine.follow_ups import LEASE
from tasks import sessions
from tasks.follow_ups import run_follow_ups
from tasks.sessions import drop_expired_sessions
from tests.house import House


async def open_session(house: House, name: str, lasts: timedelta) -> None:
    now = house.clock.now()
    await house.resources.pool.execute(
        "INSERT INTO session VALUES ($1, 1, $2, $3)", hashlib.sha256(name.encode()).digest(), now, now + lasts
    )


async def test_only_sessions_that_are_over_go(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "PAGE_SIZE", 2)
    for number in range(5):
        await open_session(house, f"over{number}", timedelta(hours=1))
    await open_session(house, "alive", timedelta(hours=1, seconds=1))
    house.clock.advance(3600)
    await asyncio.gather(*(drop_expired_sessions(house.resources, house.clock.now()) for _ in range(3)))
    assert await house.ledger.count("session") == 1
    assert await drop_expired_sessions(house.resources, house.clock.now()) == 0


async def test_a_welcome_gift_a_crash_left_behind_is_given_once(house: House) -> None:
    # What a process leaves that dies right after it created the member.
    member_id = await house.ledger.member()
    await house.resources.pool.execute("UPDATE follow_up SET done_at = NULL")
    assert await run_follow_ups(house.resources, house.clock.now()) == 0
    house.clock.advance(LEASE.total_seconds())
    now = house.clock.now()
    assert await run_follow_ups(house.resources, now) == 1
    assert await run_follow_ups(house.resources, now) == 0
    assert await house.ledger.balance(member_id) == 100
    assert await house.ledger.count("follow_up", done_at=house.clock.now()) == 1


async def test_an_owed_reward_is_paid_by_the_job(house: House) -> None:
    inviter, friend = await house.ledger.member(), await house.ledger.member()
    await house.resources.pool.execute(
        "INSERT INTO follow_up (member_id, request_key, command, payload, effective_at, due_at)"
        " VALUES ($1, 'engine:test', 'reward_referral', $2, $3, $3)",
        inviter, f'{{"friend_id": {friend}}}', house.clock.now(),
    )  # fmt: skip
    await house.ledger.run(CheckIn, friend)
    before = await house.ledger.balance(inviter)
    settled = await asyncio.gather(*(run_follow_ups(house.resources, house.clock.now()) for _ in range(3)))
    assert sum(settled) == 1
    assert await house.ledger.balance(inviter) == before + 50
