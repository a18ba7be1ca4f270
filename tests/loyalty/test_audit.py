"""The audit: silent over a lively programme, and every kind of tampering named by the invariant it breaks."""

import json
import random
from datetime import timedelta
from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.engine.command import Command
from loyalty.expiry.commands import Book as Expire
from loyalty.expiry.commands import WarnExpiry
from loyalty.games.commands import Draw
from loyalty.programme.rules import digest_of
from loyalty.referral.commands import BindReferral
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.rewards.outcomes import Redeemed
from loyalty.wakeup import WakeUp
from tests.ledger import DAY_S, KEYS, Ledger, rules_with

SHORT_LIVED = rules_with(expiry={"months": 1}, welcome={"points": 300})
"""Points that lapse within weeks, so that a crowd of nine weeks sees some go."""


async def found(ledger: Ledger) -> set[tuple[str, int | None]]:
    return {
        (one.invariant, one.member_id)
        for one in (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
async def test_the_audit_is_silent_after_nine_lively_weeks(ledger: Ledger, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  # a repeatable crowd
    await ledger.publish(SHORT_LIVED)
    crowd: list[int] = []
    bought: list[tuple[int, int]] = []
    heard: set[str] = set()
    for number in range(64):
        if number < 12:
            crowd.append(await a_newcomer(ledger, dice, crowd))
        commands = a_day(ledger, dice, crowd, bought, number)
        decisions = await ledger.engine.run_all(commands)
        for command, decision in zip(commands, decisions, strict=True):
            heard.add(decision.outcome.code)
            if isinstance(decision.outcome, Redeemed):
                bought.append((command.member_id, decision.outcome.receipt_no))
        await ledger.pool.execute("UPDATE notice SET state = 'sent'")
        ledger.clock.advance(DAY_S)
    ledger.clock.advance(70 * DAY_S)
    for member in crowd:
        heard.add((await ledger.run(Expire, member)).outcome.code)
    report = await audit(ledger.pool, ledger.clock.now(), KEYS)
    assert report.violations == []
    assert await ledger.pool.fetchval("SELECT sum(available) FROM account") == 0
    expected = (12, await ledger.count("entry"), await ledger.count("draw"))
    assert (report.accounts, report.entries, report.recomputed["draws"]) == expected
    assert report.entries > 500
    assert heard >= {
        "checked_in",
        "drawn",
        "redeemed",
        "cancelled",
        "booked",
        "expiry_warned",
        "not_enough_points",
    }


async def a_newcomer(ledger: Ledger, dice: random.Random, crowd: list[int]) -> int:
    """A new member, more often than not invited by one of the crowd."""
    newcomer = await ledger.member()
    if crowd and dice.random() < 0.7:
        await ledger.run(BindReferral, newcomer, inviter_id=dice.choice(crowd))
    return newcomer


def a_day(
    ledger: Ledger, dice: random.Random, crowd: list[int], bought: list[tuple[int, int]], number: int
) -> list[Command]:
    """What the crowd and the clock ask for on one day, the jobs first."""
    at, silent_since = ledger.clock.now(), (ledger.clock.now() - timedelta(days=30)).date()
    commands: list[Command] = []

    def ask(kind: type[Command], member: int, likely: float, **fields: Any) -> None:
        if dice.random() < likely:
            key = f"{number}:{len(commands)}"
            commands.append(kind(member_id=member, request_key=key, at=at, **fields))

    for member in crowd:
        ask(Expire, member, 0.5)
        ask(WarnExpiry, member, 0.3)
        ask(WakeUp, member, 1, silent_since=silent_since)
        ask(CheckIn, member, 0.5)
        ask(Draw, member, 0.3, wheel="lucky", count=dice.randint(1, 5))
        ask(Redeem, member, 0.3, reward=dice.choice(["cookie", "americano", "class"]))
    for owner, receipt_no in dice.sample(bought, min(1, len(bought))):
        ask(Cancel, owner, 0.7, receipt_no=receipt_no, line=0)
    return commands


async def small_world(ledger: Ledger) -> None:
    """Member 1 has done a little of everything, member 2 came by their invitation, member 3 only joined."""
    await ledger.publish(rules_with(welcome={"points": 500}))
    inviter, friend, _ = await ledger.member(), await ledger.member(), await ledger.member()
    await ledger.run(BindReferral, friend, inviter_id=inviter)
    await ledger.run(CheckIn, friend)
    for _ in range(3):
        await ledger.run(CheckIn, inviter)
        await ledger.run(Draw, inviter, wheel="lucky", count=5)
        ledger.clock.advance(DAY_S)
    await ledger.run(Redeem, inviter, reward="cookie")
    await ledger.run(Redeem, inviter, reward="class")
    await ledger.pool.execute("UPDATE notice SET state = 'sent'")
    assert await found(ledger) == set()


MINT = """
WITH a AS (UPDATE account SET available = available + 9, issued = issued + 9 WHERE member_id = 3)
UPDATE lot SET remaining = remaining + 9, granted = granted + 9 WHERE member_id = 3
"""
MINT_WITH_USES = """
WITH a AS (UPDATE account SET available = available + 9, issued = issued + 9 WHERE member_id = 3),
u AS (UPDATE lot_use SET amount = amount + 9 WHERE member_id = 3)
UPDATE lot SET remaining = remaining + 9, granted = granted + 9 WHERE member_id = 3
"""
CUT_WITH_SEQ = """
WITH cut AS (DELETE FROM entry WHERE member_id = 3) UPDATE account SET seq = 0 WHERE member_id = 3
"""
FAKE_PURCHASE = "UPDATE receipt SET accepted = true, code = 'redeemed' WHERE member_id = 1 AND NOT accepted"
OTHER_PRIZE = """
UPDATE draw SET prize = CASE prize WHEN 'thanks' THEN 'points_5' ELSE 'thanks' END WHERE member_id = 1 AND nonce = 1
"""
FATTER_LOT = "UPDATE lot SET remaining = remaining + 9, granted = granted + 9 WHERE member_id = 3"

TAMPERING: list[tuple[str, str, str, int | None]] = [
    ("an entry's amount", "UPDATE entry SET amount = amount + 1 WHERE member_id = 1 AND seq = 2", "I4", 1),
    ("amount and everything after", "UPDATE entry SET amount = amount + 1, available = available + 1 WHERE member_id = 3",
     "I14", 3),
    ("an entry's detail", "UPDATE entry SET detail = '{}' WHERE member_id = 1 AND reason = 'redeem'", "I14", 1),
    ("an entry's reason", "UPDATE entry SET reason = 'gift' WHERE member_id = 1 AND seq = 2", "I14", 1),
    ("an entry's time", "UPDATE entry SET posted_at = posted_at + interval '1 second' WHERE member_id = 3", "I14", 3),
    ("the order of times", "UPDATE entry SET posted_at = posted_at - interval '1 year' WHERE member_id = 1 AND seq = 3", "I5", 1),
    ("a deleted entry", "DELETE FROM entry WHERE member_id = 1 AND seq = 3", "I5", 1),
    ("a cut tail", "DELETE FROM entry WHERE member_id = 1 AND seq = (SELECT max(seq) FROM entry WHERE member_id = 1)", "I14", 1),
    ("a tail cut with the account's seq",
     CUT_WITH_SEQ, "I14", 3),
    ("an edited link", "UPDATE entry SET chain = sha256('x') WHERE member_id = 1 AND seq = 2", "I14", 1),
    ("an edited head", "UPDATE account SET chain = sha256('x') WHERE member_id = 3", "I14", 3),
    ("points from nowhere, in account and lot", MINT, "I4", 3),
    ("points from nowhere, in the lot's uses as well", MINT_WITH_USES, "I4", 3),
    ("a lot that holds more than the account", FATTER_LOT, "I1", 3),
    ("a raised growth value", "UPDATE account SET growth = growth + 1 WHERE member_id = 3", "I4", 3),
    ("an edited rule", "UPDATE rule_version SET body = jsonb_set(body, '{welcome,points}', '1') WHERE id = 1", "I15", None),
    ("a lot that lives longer", "UPDATE lot SET expires_on = '9999-12-31' WHERE member_id = 3", "I3", 3),
    ("a removed lot", "DELETE FROM lot WHERE member_id = 3", "I1", 3),
    ("a removed lot use", "DELETE FROM lot_use WHERE member_id = 1 AND kind = 'spent'", "I3", 1),
    ("a removed receipt", "DELETE FROM receipt WHERE member_id = 1 AND command = 'redeem' AND accepted", "I6", 1),
    ("a removed refusal", "DELETE FROM receipt WHERE member_id = 1 AND NOT accepted", "I6", 1),
    ("a receipt of another fact", "UPDATE receipt SET ref = 'other' WHERE member_id = 1 AND command = 'redeem' AND accepted",
     "I14", 1),
    ("a refusal turned into a purchase", FAKE_PURCHASE, "I6", 1),
    ("a rule version that never was", "UPDATE receipt SET rule_version = 9 WHERE member_id = 3", "I15", 3),
    ("a rule version from the future", "UPDATE rule_version SET effective_from = effective_from + interval '1 year' WHERE id = 2",
     "I15", 3),
    ("an invented sign-in", "INSERT INTO check_in VALUES (3, '2026-03-02', 1, 10, 1)", "I17", 3),
    ("a removed sign-in", "DELETE FROM check_in WHERE member_id = 2", "I17", 2),
    ("a longer streak", "UPDATE check_in SET streak = 7 WHERE member_id = 2", "I17", 2),
    ("a sign-in moved by a day", "UPDATE check_in SET day = day + 1 WHERE member_id = 1 AND streak = 3", "I17", 1),
    ("a dearer sign-in", "UPDATE check_in SET points = 99 WHERE member_id = 2", "I17", 2),
    ("another roll", "UPDATE draw SET roll = (roll + 1) % 1000000 WHERE member_id = 1 AND nonce = 2", "I18", 1),
    ("another prize", OTHER_PRIZE, "I18", 1),
    ("another seed of the member", "UPDATE draw SET client_seed = 'x' WHERE member_id = 1 AND nonce = 2", "I18", 1),
    ("a dropped draw", "DELETE FROM draw WHERE member_id = 1 AND nonce = 4", "I18", 1),
    ("a draw for nothing", "UPDATE draw SET cost_points = 0 WHERE member_id = 1 AND nonce = 4", "I18", 1),
    ("a richer prize", "UPDATE draw SET points = points + 1 WHERE member_id = 1 AND nonce = 4", "I18", 1),
    ("a draw under rules that never were", "UPDATE draw SET rule_version = 9 WHERE member_id = 1 AND nonce = 4", "I18", 1),
    ("a draw of a round that never was", "UPDATE draw SET round_id = round_id + 9 WHERE member_id = 1", "I18", 1),
    ("other odds", "UPDATE draw SET odds_version = 'x' WHERE member_id = 1 AND nonce = 4", "I18", 1),
    ("another server seed", "UPDATE wheel_round SET server_seed = 'x', commitment = sha256('x') WHERE closed_at IS NOT NULL",
     "I18", 1),
    ("another commitment", "UPDATE wheel_round SET commitment = sha256('x') WHERE closed_at IS NULL", "I18", None),
    ("another round's seal", "UPDATE wheel_round SET sealed_seed = sha256('x') WHERE closed_at IS NULL", "I18", None),
    ("a piece too many", "UPDATE stock SET taken = taken + 1 WHERE item = 'reward:cookie'", "I19", None),
    ("a piece too few", "UPDATE stock SET taken = 0 WHERE item = 'reward:cookie'", "I19", None),
    ("a redemption removed", "DELETE FROM redemption WHERE member_id = 1 AND source = 'redeem'", "I19", None),
    ("a circle of inviters", "INSERT INTO referral VALUES (1, 2, now(), NULL)", "I20", 1),
    ("a paid referral removed", "DELETE FROM referral WHERE member_id = 2", "I20", 1),
    ("a paid referral undone", "UPDATE referral SET qualified_at = NULL WHERE member_id = 2", "I20", 1),
    ("a stuck notice", "UPDATE notice SET state = 'due', due_at = due_at - interval '3 days' WHERE member_id = 1", "I21", 1),
    ("a notice dropped without a reason", "UPDATE notice SET state = 'failed', reason = NULL WHERE member_id = 1", "I21", 1),
    ("a follow-up never done", "UPDATE follow_up SET done_at = NULL WHERE member_id = 1 AND command = 'reward_referral'",
     "I21", 1),
    ("a voucher removed", "DELETE FROM voucher_code WHERE member_id = 1", "vouchers", 1),
    ("a voucher handed on", "UPDATE voucher_code SET member_id = 3 WHERE member_id = 1", "vouchers", 1),
    ("a voucher invented", "INSERT INTO voucher_code VALUES ('AAAA', 3, 1, 0)", "vouchers", 3),
]  # fmt: skip


WRITTEN_COLUMNS = """
SELECT table_name, string_agg(column_name, ', ' ORDER BY ordinal_position) AS columns FROM information_schema.columns
WHERE table_schema = 'public' AND table_name <> 'tortoise_migrations' AND is_generated = 'NEVER' GROUP BY table_name
"""


@pytest.mark.slow
async def test_every_kind_of_tampering_is_named(ledger: Ledger) -> None:
    """One world, tampered with in one way after the other, each put right again from a copy."""
    await small_world(ledger)
    tables = {row["table_name"]: row["columns"] for row in await ledger.pool.fetch(WRITTEN_COLUMNS)}
    copies = [f"CREATE TEMP TABLE copy_{table} AS TABLE {table}" for table in tables]
    unnamed = []
    async with ledger.pool.acquire() as connection:
        await connection.execute("; ".join(copies))
        for what, tamper, invariant, member in TAMPERING:
            status = await connection.execute(tamper)
            assert not status.endswith(" 0"), f"{what}: nothing was changed"
            if (invariant, member) not in (named := await found(ledger)):
                unnamed.append((what, invariant, member, named))
            await connection.execute(
                "; ".join(
                    f"TRUNCATE {table}; INSERT INTO {table} ({columns}) SELECT {columns} FROM pg_temp.copy_{table}"  # noqa: S608  # the catalogue's
                    for table, columns in tables.items()
                )
            )
        await connection.execute("; ".join(f"DROP TABLE pg_temp.copy_{table}" for table in tables))
    assert unnamed == []
    assert await found(ledger) == set()


async def test_a_dropped_constraint_is_named(ledger: Ledger) -> None:
    await ledger.pool.execute("ALTER TABLE lot RENAME CONSTRAINT lot_equation_check TO gone")
    try:
        report = await audit(ledger.pool, ledger.clock.now(), KEYS)
    finally:
        await ledger.pool.execute("ALTER TABLE lot RENAME CONSTRAINT gone TO lot_equation_check")
    assert [(one.invariant, one.detail) for one in report.violations] == [
        ("I23", "lot_equation_check is missing or not as it should be")
    ]


async def test_progress_is_told(ledger: Ledger) -> None:
    await small_world(ledger)
    told: list[tuple[str, int, int]] = []
    await audit(
        ledger.pool, ledger.clock.now(), KEYS, lambda what, done, total: told.append((what, done, total))
    )
    assert ("deciding again", 3, 3) in told
    assert ("recomputing draws", 15, 15) in told
    assert all(done <= total for _, done, total in told)


async def test_rules_that_an_earlier_program_wrote_with_fewer_fields_are_as_published(ledger: Ledger) -> None:
    """A field that a rule has gained since has its default in the parsed rules, and is not in what was stored."""
    stored = await ledger.pool.fetchrow("SELECT body::text AS body FROM rule_version")
    body = json.loads(stored["body"])
    for reward in body["rewards"]:
        del reward["cancel_hours"]
    await ledger.pool.execute(
        "UPDATE rule_version SET body = $1::jsonb, digest = $2", json.dumps(body), digest_of(body)
    )
    assert await found(ledger) == set()
    body["rewards"][0]["price_points"] += 1
    await ledger.pool.execute("UPDATE rule_version SET body = $1::jsonb", json.dumps(body))
    assert ("I15", None) in await found(ledger)
