"""The audit decides every receipt again: what the rules and the member's past do not give is named, however well it adds up."""

from datetime import timedelta

import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.engine.registry import Registry
from loyalty.features import FEATURES
from loyalty.games.commands import Draw
from loyalty.programme.publishing.publication import put_in_force
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.scope import Scope
from tests.ledger import DAY_S, KEYS, Ledger, rules_with
from tests.loyalty.tampering import FORGED_VOUCHER, raise_sign_in, relink


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


async def test_an_account_deleted_with_its_history_left(ledger: Ledger) -> None:
    member = await a_little_of_everything(ledger)
    await ledger.pool.execute("DELETE FROM account WHERE member_id = $1", member)
    found = await details(ledger)
    assert f"members {member}: a member without an account, not merged into another" in found
    assert {
        f"I6 {member}: {table}: rows of a member without an account" for table in ("receipt", "entry", "lot")
    } <= {*found}


async def test_a_member_deleted_with_their_account(ledger: Ledger) -> None:
    member = await a_little_of_everything(ledger)
    for table in ("member", "account"):
        await ledger.pool.execute(f"DELETE FROM {table} WHERE member_id = $1", member)  # noqa: S608  # our own names
    assert f"I6 {member}: redemption: rows of a member without an account" in await details(ledger)


POOLS = [
    (
        "UPDATE stock SET stocked = stocked + 100 WHERE item = 'reward:cookie'",
        "I19 None: reward:cookie: 400 stocked, the rules say 300",
    ),
    (
        "UPDATE stock SET stocked = stocked - 1 WHERE item = 'reward:cookie'",
        "I19 None: reward:cookie: 299 stocked, the rules say 300",
    ),
    (
        "INSERT INTO stock (item, stocked) VALUES ('reward:house', 1)",
        "I19 None: reward:house: no rules name this pool",
    ),
]


@pytest.mark.parametrize(("edit", "named"), POOLS)
async def test_a_pool_of_another_size_than_the_rules_say(ledger: Ledger, edit: str, named: str) -> None:
    await a_little_of_everything(ledger)
    assert not (await ledger.pool.execute(edit)).endswith(" 0")
    assert await details(ledger) == [named]


async def test_a_receipt_by_rules_that_another_version_had_replaced(ledger: Ledger) -> None:
    """The old version pays more; every row agrees with it, and the hash chain is computed anew."""
    member = await ledger.member()
    ledger.clock.advance(DAY_S)
    await ledger.publish(rules_with(check_in={"points": 1}))
    ledger.clock.advance(DAY_S)
    await ledger.run(CheckIn, member)
    assert await details(ledger) == []
    await raise_sign_in(ledger.pool, member, 9)
    await ledger.pool.execute("UPDATE receipt SET rule_version = 1 WHERE no = 2")
    await relink(ledger.pool, member)
    assert await details(ledger) == [f"I15 {member}: receipt 2: rule version 1 did not govern it"]


CHOSEN = "UPDATE wheel_round SET sealed_seed = $1, commitment = sha256($2) WHERE closed_at IS NULL AND wheel = 'lucky'"
KNOWN = """
UPDATE wheel_round w SET sealed_seed = o.sealed_seed, commitment = o.commitment, key_id = o.key_id
FROM old_round o WHERE w.closed_at IS NULL AND w.wheel = 'lucky' AND o.wheel = 'lucky'
"""


async def test_a_round_swapped_for_one_with_a_chosen_seed(ledger: Ledger) -> None:
    """Nobody has drawn on it yet. Without the key one can neither seal a seed, nor move the seal of another round."""
    await ledger.pool.execute(CHOSEN, b"x" * 60, b"chosen" * 5)
    assert await details(ledger) == ["I18 None: round 1: its seed is not the one it committed to"]


async def test_a_round_given_the_seed_of_a_round_that_is_revealed(ledger: Ledger) -> None:
    await ledger.pool.execute("CREATE TABLE old_round AS TABLE wheel_round")
    try:
        ledger.clock.advance(8 * DAY_S)
        await put_in_force(ledger.engine)
        assert await details(ledger) == []
        assert await ledger.pool.execute(KNOWN) == "UPDATE 1"
        assert await details(ledger) == ["I18 None: rounds 1, 2 have one seed"]
    finally:
        await ledger.pool.execute("DROP TABLE old_round")


async def scoped(ledger: Ledger, scope: Scope) -> tuple[list[str], int]:
    """The findings of an audit of some rows, and how many receipts it decided again."""
    report = await audit(ledger.pool, ledger.clock.now(), KEYS, scope=scope)
    return [f"{one.invariant} {one.member_id}: {one.detail}" for one in report.violations], report.receipts


async def test_the_rows_of_a_day_are_proven_without_the_years_before(ledger: Ledger) -> None:
    member, other = await a_little_of_everything(ledger), await ledger.member()
    ledger.clock.advance(DAY_S)
    today = ledger.clock.now()
    await ledger.run(CheckIn, member)
    await ledger.run(Draw, member, wheel="lucky", count=2)
    await ledger.run(Redeem, member, reward="cookie")
    await ledger.run(Cancel, member, receipt_no=await ledger.version(member), line=0)
    await ledger.pool.execute("UPDATE notice SET state = 'sent'")
    assert await scoped(ledger, Scope(since=today)) == ([], 4)
    assert await scoped(ledger, Scope(since=today - timedelta(days=1))) == ([], 9)
    edited = await ledger.pool.execute(
        "UPDATE draw SET prize_name = 'x' WHERE drawn_at >= $1 AND line = 0", today
    )
    assert edited == "UPDATE 1"
    for scope in (Scope(since=today), Scope(part=(1, 2))):
        [named] = (await scoped(ledger, scope))[0]
        assert named.startswith(f"I15 {member}: draw ")
        assert named.endswith("prize_name comes to …, not …")
    assert (await scoped(ledger, Scope(part=(2, 2)))) == ([], 1), (
        f"member {other} is alone in the second half"
    )


async def test_a_day_of_which_an_entry_was_edited(ledger: Ledger) -> None:
    member = await a_little_of_everything(ledger)
    ledger.clock.advance(DAY_S)
    today = ledger.clock.now()
    await ledger.run(CheckIn, member)
    await ledger.pool.execute("UPDATE entry SET amount = amount + 1 WHERE posted_at >= $1", today)
    found, _ = await scoped(ledger, Scope(since=today))
    assert [one.split(":")[0] for one in found] == [f"I4 {member}"]
