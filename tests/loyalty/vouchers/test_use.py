"""Using a voucher: once, by one clerk, and then it can be cancelled no more."""

import asyncio
from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import AccountClosed
from loyalty.games.commands import Draw
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.rewards.outcomes import Cancelled, NotCancellable, Redeemed
from loyalty.vouchers.commands import CLERK, UseVoucher
from loyalty.vouchers.outcomes import UnknownVoucher, VoucherNotUsable, VoucherUsed
from loyalty.vouchers.views import tidy_code, voucher_of_code
from tests.ledger import DAY_S, KEYS, Ledger, limited_wheel, rules_with

CUP = {
    "id": "cup",
    "name": "杯子",
    "kind": "voucher",
    "price_points": 30,
    "stock": 5,
    "valid_days": 2,
    "terms": "到店领取",
}


async def with_a_cup(ledger: Ledger) -> tuple[int, Redeemed]:
    """A member of 100 points who has bought a cup for 30."""
    await ledger.publish(rules_with(rewards=[CUP]))
    member = await ledger.member()
    bought = (await ledger.run(Redeem, member, reward="cup")).outcome
    assert isinstance(bought, Redeemed)
    return member, bought


async def used(ledger: Ledger, member: int, bought: Redeemed, **fields: Any) -> Outcome:
    command: dict[str, Any] = {"receipt_no": bought.receipt_no, "line": bought.line, "by": "小王"} | fields
    return (await ledger.run(UseVoucher, member, **command)).outcome


async def cancelled(ledger: Ledger, member: int, bought: Redeemed) -> Outcome:
    return (await ledger.run(Cancel, member, receipt_no=bought.receipt_no, line=bought.line)).outcome


async def clean(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_a_voucher_is_used_once_and_the_record_says_by_whom(ledger: Ledger) -> None:
    member, bought = await with_a_cup(ledger)
    found = await voucher_of_code(bought.voucher)
    assert found == (member, bought.receipt_no, bought.line)
    assert await used(ledger, member, bought, store="一店") == VoucherUsed(
        2, 0, "杯子", 1, "到店领取", "小王", "一店"
    )
    at = ledger.clock.now()
    row = await ledger.pool.fetchrow("SELECT state, closed_at, used_by, store FROM redemption")
    assert tuple(row) == ("used", at, "小王", "一店")
    receipt = await ledger.pool.fetchrow(
        "SELECT actor, posted_at, facts::jsonb ->> 'by' AS by FROM receipt WHERE scope = 'use' AND accepted"
    )
    assert tuple(receipt) == (CLERK, at, "小王")
    ledger.clock.advance(60)
    before = await ledger.traces(member)
    again = await used(ledger, member, bought, by="小李")
    assert again == VoucherNotUsable("used", "杯子", bought.expires_on, at, "小王", "一店")
    assert await ledger.traces(member) == before
    await clean(ledger)


async def test_a_used_voucher_is_not_cancelled_for_its_points(ledger: Ledger) -> None:
    member, bought = await with_a_cup(ledger)
    await used(ledger, member, bought)
    before = await ledger.traces(member)
    assert await cancelled(ledger, member, bought) == NotCancellable("used")
    assert await ledger.traces(member) == before
    assert await ledger.balance(member) == 70


async def test_a_voucher_that_was_won_is_used_like_any_other(ledger: Ledger) -> None:
    await ledger.publish(rules_with(wheels=[limited_wheel("sure", 5)]))
    member = await ledger.member()
    drawn: Any = (await ledger.run(Draw, member, wheel="sure")).outcome
    found = await voucher_of_code(drawn.draws[0].voucher)
    assert found is not None
    decision = await ledger.run(UseVoucher, member, receipt_no=found.receipt_no, line=found.line, by="小王")
    assert isinstance(decision.outcome, VoucherUsed)
    await clean(ledger)


async def test_what_cannot_be_used_says_why_and_moves_nothing(ledger: Ledger) -> None:
    member, bought = await with_a_cup(ledger)
    other = await ledger.member()
    before = await ledger.traces(member)
    assert await used(ledger, member, bought, receipt_no=99) == UnknownVoucher("99-0")
    assert await used(ledger, other, bought) == UnknownVoucher("2-0")
    assert await ledger.traces(member) == before
    await cancelled(ledger, member, bought)
    closed_at, before = ledger.clock.now(), await ledger.traces(member)
    assert await used(ledger, member, bought) == VoucherNotUsable(
        "cancelled", "杯子", bought.expires_on, closed_at
    )
    second: Any = (await ledger.run(Redeem, member, reward="cup")).outcome
    ledger.clock.advance(2 * DAY_S)
    before = await ledger.traces(member)
    assert await used(ledger, member, second) == VoucherNotUsable("expired", "杯子", second.expires_on)
    assert await ledger.traces(member) == before
    await clean(ledger)


async def test_a_frozen_account_gives_nothing_out(ledger: Ledger) -> None:
    member, bought = await with_a_cup(ledger)
    await ledger.pool.execute("UPDATE account SET status = 'frozen'")
    assert await used(ledger, member, bought) == AccountClosed("frozen")
    assert await ledger.count("redemption", state="issued") == 1


async def test_of_many_clerks_at_once_one_hands_it_out(ledger: Ledger) -> None:
    member, bought = await with_a_cup(ledger)
    async with ledger.rival() as rival:
        commands = [
            (
                engine,
                UseVoucher(
                    member_id=member, request_key=f"cli:{number}", at=ledger.clock.now(), receipt_no=bought.receipt_no,
                    line=0, by=f"clerk {number}",
                ),
            )
            for number, engine in enumerate([ledger.engine, rival] * 10)
        ]  # fmt: skip
        decisions = await asyncio.gather(*(engine.run(command) for engine, command in commands))
    winners = [one.outcome for one in decisions if isinstance(one.outcome, VoucherUsed)]
    losers = [one.outcome for one in decisions if isinstance(one.outcome, VoucherNotUsable)]
    assert (len(winners), len(losers)) == (1, 19)
    assert {loser.used_by for loser in losers} == {winners[0].by}
    assert await ledger.count("receipt", scope="use") == 1
    await clean(ledger)


@pytest.mark.parametrize("attempt", range(5))
async def test_it_is_used_or_cancelled_and_never_both(ledger: Ledger, attempt: int) -> None:
    member, bought = await with_a_cup(ledger)
    common: dict[str, Any] = {
        "member_id": member,
        "at": ledger.clock.now(),
        "receipt_no": bought.receipt_no,
        "line": 0,
    }
    async with ledger.rival() as rival:
        use, cancel = await asyncio.gather(
            rival.run(UseVoucher(**common, request_key="cli:1", by="小王")),
            ledger.engine.run(Cancel(**common, request_key="api:1")),
        )
    was_used, was_cancelled = isinstance(use.outcome, VoucherUsed), isinstance(cancel.outcome, Cancelled)
    assert was_used != was_cancelled
    assert await ledger.balance(member) == (70 if was_used else 100)
    await clean(ledger)


async def test_a_repeat_of_the_request_hears_that_it_was_used(ledger: Ledger) -> None:
    member, bought = await with_a_cup(ledger)
    fields: dict[str, Any] = {"receipt_no": bought.receipt_no, "line": 0, "by": "小王"}
    first = await ledger.run(UseVoucher, member, "cli:1", **fields)
    again = await ledger.run(UseVoucher, member, "cli:1", **fields)
    assert (again.outcome, again.replayed) == (first.outcome, True)


async def test_a_clerks_deed_is_no_visit_of_the_members(ledger: Ledger) -> None:
    member, bought = await with_a_cup(ledger)
    seen = "SELECT last_seen_on FROM account WHERE member_id = $1"
    before = await ledger.pool.fetchval(seen, member)
    ledger.clock.advance(DAY_S)
    await used(ledger, member, bought)
    assert await ledger.pool.fetchval(seen, member) == before


FORGED = [
    "UPDATE redemption SET state = 'used', closed_at = now(), used_by = 'x'",
    "UPDATE redemption SET state = 'cancelled', closed_at = now()",
]


@pytest.mark.parametrize("forged", FORGED)
async def test_the_audit_sees_a_state_without_its_receipt(ledger: Ledger, forged: str) -> None:
    await with_a_cup(ledger)
    await ledger.pool.execute(forged)
    found = {one.invariant for one in (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations}
    assert "redemptions" in found


async def test_the_audit_sees_a_used_voucher_made_new(ledger: Ledger) -> None:
    member, bought = await with_a_cup(ledger)
    await used(ledger, member, bought)
    await ledger.pool.execute(
        "UPDATE redemption SET state = 'issued', closed_at = NULL, used_by = NULL, store = NULL"
    )
    found = (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations
    assert ("redemptions", member, "redemption 2-0 is issued, its receipts say otherwise") in found


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("k7m9pq2rtuvw", "K7M9PQ2RTUVW"),
        (" K7M9-PQ2R-TUVW ", "K7M9PQ2RTUVW"),
        ("K7M9 PQ2R\u3000TUVW", "K7M9PQ2RTUVW"),
        ("Ｋ７Ｍ９ＰＱ２ＲＴＵＶＷ", "K7M9PQ2RTUVW"),
    ],
)
def test_a_code_is_read_as_people_write_it(typed: str, code: str) -> None:
    assert tidy_code(typed) == code
