"""Numbers of rewards: given with each publication and by the migration, and never given twice."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from loyalty.audit import audit
from loyalty.programme.publishing.draft import StaleBase
from loyalty.programme.publishing.publication import publish
from models.migrations.m0009_reward_numbers import Migration
from tests.ledger import KEYS, Ledger, rules_with

NUMBERS = "SELECT string_agg(number || ' ' || reward, ', ' ORDER BY number) FROM reward_number"
DEMO = "1 cookie, 2 americano, 3 latte, 4 beans, 5 mug, 6 class"


def selling(*ids: str) -> Any:
    return rules_with(rewards=[{"id": one, "name": one, "kind": "voucher", "price_points": 1} for one in ids])


async def numbered(ledger: Ledger) -> str:
    return str(await ledger.pool.fetchval(NUMBERS))


async def test_each_version_numbers_what_is_new(ledger: Ledger) -> None:
    demo = await numbered(ledger)
    await ledger.publish(selling("b", "cookie", "a"))
    assert await numbered(ledger) == f"{demo}, 7 b, 8 a"
    await ledger.publish(selling("a", "b"))
    assert await numbered(ledger) == f"{demo}, 7 b, 8 a"


async def test_a_scheduled_version_has_its_numbers_at_once(ledger: Ledger) -> None:
    demo, later = await numbered(ledger), ledger.clock.now() + timedelta(days=1)
    await publish(
        ledger.engine,
        selling("later"),
        base=1,
        by="test",
        reason="scheduled",
        effective_from=later,
        urgent=True,
    )
    await publish(
        ledger.engine, selling("now"), base=2, by="test", reason="now", until_replaced=True, urgent=True
    )
    assert await numbered(ledger) == f"{demo}, 7 later, 8 now"


async def test_a_refused_publication_numbers_nothing(ledger: Ledger) -> None:
    before = await numbered(ledger)
    with pytest.raises(StaleBase):
        await publish(ledger.engine, selling("a"), base=99, by="test", reason="stale", urgent=True)
    assert await numbered(ledger) == before


async def test_two_publications_at_once_give_no_number_twice(ledger: Ledger) -> None:
    async with ledger.rival() as rival:
        tries = [
            publish(engine, selling(name), base=1, by="test", reason="at once", urgent=True)
            for engine, name in ((ledger.engine, "a"), (rival, "b"))
        ]
        done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, StaleBase) for one in done) == 1
    assert (await numbered(ledger)).split(", ")[6:] in (["7 a"], ["7 b"])


async def test_the_database_gives_no_number_and_no_reward_twice(ledger: Ledger) -> None:
    for row in ((1, "new"), (99, "cookie")):
        with pytest.raises(asyncpg.UniqueViolationError):
            await ledger.pool.execute("INSERT INTO reward_number (number, reward) VALUES ($1, $2)", *row)


async def test_the_audit_names_a_reward_without_a_number(ledger: Ledger) -> None:
    await ledger.pool.execute("DELETE FROM reward_number WHERE reward = 'latte'")
    found = (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations
    assert [one.detail for one in found] == ["reward latte of rule version 1 has no number"]


async def test_the_migration_numbers_what_is_on_offer_as_the_list_does_today(ledger: Ledger) -> None:
    """Today's list keeps its places; what was offered before, or waits for its day, comes after it."""
    for rules in (selling("old", "b", "a"), selling("a", "b", "c")):
        await ledger.publish(rules)
    later = await ledger.pool.fetchval("SELECT now() + interval '1 day'")
    await publish(
        ledger.engine,
        selling("later", "c"),
        base=3,
        by="test",
        reason="later",
        effective_from=later,
        urgent=True,
    )
    await ledger.pool.execute("DELETE FROM reward_number")
    for _ in range(2):
        for operation in Migration.operations:
            await ledger.pool.execute(str(operation.sql))  # type: ignore[attr-defined]  # all are RunSQL
    given = await numbered(ledger)
    demo = DEMO.split(", ")
    assert given.split(", ")[:3] == ["1 a", "2 b", "3 c"]
    assert given.split(", ")[3:] == [
        f"{place} {one.split(' ')[1]}" for place, one in enumerate([*demo, "x old", "x later"], start=4)
    ]
