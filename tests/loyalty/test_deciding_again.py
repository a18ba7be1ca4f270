"""The audit decides every receipt again: what the rules and the member's past do not give is named, however well it adds up."""

import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.engine.registry import Registry
from loyalty.features import FEATURES
from loyalty.games.commands import Draw
from loyalty.rewards.commands import Cancel, Redeem
from tests.ledger import DAY_S, KEYS, Ledger, rules_with
from tests.loyalty.tampering import FORGED_VOUCHER, raise_sign_in


async def details(ledger: Ledger) -> list[str]:
    """The findings of an audit, each with its invariant and member."""
    report = await audit(ledger.pool, ledger.clock.now(), KEYS)
    return [f"{one.invariant} {one.member_id}: {one.detail}" for one in report.violations]


async def a_little_of_everything(ledger: Ledger) -> int:
    """A member who signed in on four days, drew, bought two vouchers and cancelled one of them."""
    await ledger.publish(rules_with(welcome={"points": 500}))
    member = await ledger.member()
    for _ in range(3):
        await ledger.run(CheckIn, member)
        await ledger.run(Draw, member, wheel="lucky", count=3)
        ledger.clock.advance(DAY_S)
    await ledger.run(Redeem, member, reward="cookie")
    bought = (await ledger.run(Redeem, member, reward="cookie")).outcome
    await ledger.run(Cancel, member, receipt_no=bought.receipt_no, line=0)  # type: ignore[attr-defined]
    await ledger.run(CheckIn, member)
    await ledger.pool.execute("UPDATE notice SET state = 'sent'")
    assert await details(ledger) == []
    return member


async def test_every_read_can_be_read_again() -> None:
    registry = Registry(FEATURES)
    reads = {read for one in registry.handling.values() for read in one.reads}
    shared = {read for one in registry.handling.values() for read in one.handler.shared}
    assert [one.name for one in reads if (one.fold is None) == (one.note is None)] == []
    assert [one.name for one in shared if one.note is None] == []


async def test_a_sign_in_of_a_million_points_with_a_chain_that_fits(ledger: Ledger) -> None:
    member = await a_little_of_everything(ledger)
    await raise_sign_in(ledger.pool, member, 1_000_000)
    named = "receipt 2: entry 2 comes to 10 points (check_in), 1000010 (check_in) are stored"
    assert await details(ledger) == [f"I15 {member}: {named}"]


EDITS = [
    (
        "UPDATE redemption SET expires_on = '2099-01-01' WHERE state = 'issued' AND source = 'redeem'",
        "expires_on comes to 2026-04-04, not 2099-01-01",
    ),
    ("UPDATE draw SET prize_name = '一等奖' WHERE nonce = 2", "draw 1-2: prize_name comes to …, not …"),
    (
        "UPDATE receipt SET facts = jsonb_set(facts, '{balance}', '9999') WHERE command = 'check_in' AND no = 2",
        "receipt 2: its fact balance comes to another value",
    ),
    (
        "UPDATE receipt SET facts = jsonb_set(facts, '{voucher}', '\"AAAABBBBCCCC\"') WHERE code = 'redeemed'",
        "its fact voucher comes to another value",
    ),
    (
        "UPDATE receipt SET effective_at = effective_at + interval '1 day' WHERE no = 2",
        "its fact is check_in 2026-03-03",
    ),
    (
        "UPDATE receipt SET request_hash = sha256('x') WHERE no = 2",
        "the request's hash is not that of its command",
    ),
    (
        "UPDATE receipt SET trace = jsonb_set(trace::jsonb, '{asked,client_seed}', '\"x\"')::text WHERE no = 3",
        "receipt 3: the request's hash is not that of its command",
    ),
    ("UPDATE redemption SET terms = '可换整间店' WHERE state = 'issued'", "terms comes to …, not …"),
    (
        "UPDATE redemption SET state = 'issued', closed_at = NULL WHERE state = 'cancelled'",
        "state comes to …, not …",
    ),
]


@pytest.mark.parametrize(("edit", "named"), EDITS)
async def test_an_edited_fact_is_named(ledger: Ledger, edit: str, named: str) -> None:
    await a_little_of_everything(ledger)
    assert not (await ledger.pool.execute(edit)).endswith(" 0")
    found = await details(ledger)
    assert any(named in one for one in found), found


async def test_a_first_prize_voucher_from_nothing(ledger: Ledger) -> None:
    member = await a_little_of_everything(ledger)
    assert not (await ledger.pool.execute(FORGED_VOUCHER, member)).endswith(" 0")
    found = await details(ledger)
    assert any("redemption 3-9 comes from no receipt" in one for one in found), found
    assert not any("FRSTPRZE2345" in one for one in found), "a voucher's code is no text for a log"
