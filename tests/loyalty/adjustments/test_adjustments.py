"""Adjusting points by hand, and freezing accounts: a reason, a ticket, never below zero, and every entry traceable (L07)."""

import asyncio
from typing import Any

import pytest

from loyalty.adjustments.commands import AdjustPoints, FreezeAccount, ThawAccount
from loyalty.adjustments.outcomes import (
    AccountFrozen,
    AccountThawed,
    AlreadyFrozen,
    NotFrozen,
    PointsAdjusted,
)
from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import AccountClosed, AlreadyDone, NotEnoughPoints
from loyalty.entries import entries
from loyalty.expiry.commands import Book
from loyalty.expiry.outcomes import Booked
from loyalty.rewards.commands import Redeem
from tests.ledger import DAY_S, KEYS, Ledger


async def adjusted(ledger: Ledger, member: int, points: int, ticket: str = "T1", **fields: Any) -> Outcome:
    given: dict[str, Any] = {"reason": "门店漏记一单", "by": "小王"} | fields
    return (await ledger.run(AdjustPoints, member, points=points, ticket=ticket, **given)).outcome


async def standing(ledger: Ledger, member: int) -> tuple[int, int, int, int]:
    """Available, debt, adjusted and growth."""
    row = await ledger.pool.fetchrow(
        "SELECT available, debt, adjusted, growth FROM account WHERE member_id = $1", member
    )
    return tuple(row)


async def clean(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_points_come_and_go_by_hand_and_growth_stays(ledger: Ledger) -> None:
    member = await ledger.member()
    assert await adjusted(ledger, member, 50) == PointsAdjusted(50, 0, 150, 0, "门店漏记一单", "小王")
    assert await standing(ledger, member) == (150, 0, 50, 100)
    assert await adjusted(ledger, member, -120, "T2") == PointsAdjusted(
        -120, 0, 30, 0, "门店漏记一单", "小王"
    )
    assert await standing(ledger, member) == (30, 0, -70, 100)
    newest = (await entries(member, limit=1))[0]
    assert (newest.delta, newest.source, newest.ref, newest.title, newest.reason) == (
        -120,
        "adjusted",
        "T2",
        "积分调整",
        "客服调整：门店漏记一单；扣掉2027年3月31日到期的 120 分。",
    )
    await clean(ledger)


async def test_never_below_zero_unless_the_operator_chooses_a_debt(ledger: Ledger) -> None:
    member = await ledger.member()
    assert await adjusted(ledger, member, -130) == NotEnoughPoints(needed=130, available=100)
    assert await standing(ledger, member) == (100, 0, 0, 100)
    owing = await adjusted(ledger, member, -130, may_owe=True)
    assert owing == PointsAdjusted(-130, 30, 0, 30, "门店漏记一单", "小王")
    assert await standing(ledger, member) == (0, 30, -130, 100)
    await adjusted(ledger, member, 45, "T2")
    assert await standing(ledger, member) == (15, 0, -85, 100)
    await clean(ledger)


async def test_a_ticket_is_adjusted_for_once(ledger: Ledger) -> None:
    member = await ledger.member()
    async with ledger.rival() as rival:
        commands = [
            AdjustPoints(
                member_id=member, request_key=f"cli:{n}", at=ledger.clock.now(), points=5, reason="x", ticket="T1", by="y"
            )
            for n in range(20)
        ]  # fmt: skip
        told = await asyncio.gather(
            *((ledger.engine, rival)[n % 2].run(command) for n, command in enumerate(commands))
        )
    assert sum(isinstance(one.outcome, PointsAdjusted) for one in told) == 1
    assert sum(one.outcome == AlreadyDone("adjust", "T1") for one in told) == 19
    assert await ledger.balance(member) == 105
    await clean(ledger)


@pytest.mark.parametrize("points", [0, 10_000_001, -10_000_001])
def test_an_adjustment_of_nothing_or_of_too_much_is_no_command(points: int, ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="1 to 10000000 points"):
        AdjustPoints(
            member_id=1, request_key="k", at=ledger.clock.now(), points=points, reason="x", ticket="t", by="y"
        )


async def test_a_frozen_account_books_and_does_nothing_else(ledger: Ledger) -> None:
    member = await ledger.member()
    frozen = (await ledger.run(FreezeAccount, member, reason="疑似盗号", by="小王")).outcome
    assert frozen == AccountFrozen("疑似盗号", "小王")
    assert (await ledger.run(FreezeAccount, member, reason="x", by="y")).outcome == AlreadyFrozen()
    before = await ledger.traces(member)
    for kind, fields in ((CheckIn, {}), (Redeem, {"reward": "cookie"})):
        assert (await ledger.run(kind, member, **fields)).outcome == AccountClosed("frozen")
    assert await adjusted(ledger, member, 5) == AccountClosed("frozen")
    assert await ledger.traces(member) == before
    await clean(ledger)
    ledger.clock.advance(400 * DAY_S)
    assert (await ledger.run(Book, member)).outcome == Booked(opened=0, lapsed=100, balance=0)
    thawed = (await ledger.run(ThawAccount, member, reason="本人来店核对", by="小王")).outcome
    assert thawed == AccountThawed("本人来店核对", "小王")
    assert (await ledger.run(ThawAccount, member, reason="x", by="y")).outcome == NotFrozen()
    assert (await ledger.run(CheckIn, member)).outcome.code == "checked_in"
    await clean(ledger)


@pytest.mark.parametrize("status", ["open", "frozen"])
async def test_the_audit_sees_a_status_without_its_receipt(ledger: Ledger, status: str) -> None:
    member = await ledger.member()
    if status == "open":
        await ledger.run(FreezeAccount, member, reason="x", by="y")
    await ledger.pool.execute("UPDATE account SET status = $1", status)
    found = (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations
    assert ("standing", member) in {(one.invariant, one.member_id) for one in found}


NAMED = """
SELECT count(*) FROM entry e JOIN receipt r ON r.member_id = e.member_id AND r.no = e.receipt_no AND r.accepted
JOIN rule_version v ON v.id = r.rule_version WHERE r.actor <> '' AND r.scope <> '' AND r.ref <> ''
"""


async def test_every_entry_names_its_actor_its_rules_and_its_business_fact(ledger: Ledger) -> None:
    """L07: the entries of a member add up to the balance, and each has actor, rule version and business id by its receipt."""
    member = await ledger.member()
    await ledger.run(CheckIn, member)
    await adjusted(ledger, member, -20)
    await ledger.run(Redeem, member, reward="cookie")
    rows = await entries(member)
    assert sum(row.delta for row in rows) == await ledger.balance(member) == rows[0].balance_after
    assert all(row.ref and row.reason for row in rows)
    assert await ledger.pool.fetchval(NAMED) == await ledger.count("entry") == len(rows)
