"""m0005 fills the meters from what stands: of many members, whatever the server's date style, and after being killed anywhere."""

import asyncio
from urllib.parse import urlsplit

import asyncpg
import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.engine.command import Command
from loyalty.expiry.commands import WarnExpiry
from loyalty.games.commands import Draw
from loyalty.referral.commands import BindReferral
from loyalty.schema import SCHEMA
from models.database import migrate
from models.schema import schema_problems
from tests.ledger import DAY_S, KEYS, Ledger, limited_wheel, open_ledger, rules_with
from tests.loyalty.waiting import standing_in_the_way, until, until_blocked
from tests.models.migrating import start_migrating

METERS = "SELECT member_id, name, period, value FROM meter ORDER BY member_id, name, period"
THERE = "SELECT to_regclass('meter') IS NOT NULL"
LAST_VERSION = """
DROP TABLE meter;
CREATE INDEX draw_day_idx ON draw (member_id, wheel, day);
DELETE FROM tortoise_migrations WHERE name = 'm0005_meters'
"""
"""What the database was before the migration."""
RUNS = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)"


async def all_run(ledger: Ledger, commands: list[Command]) -> None:
    await ledger.engine.run_all(commands)
    ledger.clock.advance(DAY_S)


async def lively(ledger: Ledger) -> None:
    """Forty members who invite each other, draw on two wheels on three days, and are warned twice."""
    wheels = [limited_wheel(name, stock=50) for name in ("left", "right")]
    await ledger.publish(rules_with(wheels=wheels, expiry={"months": 1}, welcome={"points": 500}))
    members = [await ledger.member() for _ in range(40)]
    for place, member in enumerate(members[1:]):
        await ledger.run(BindReferral, member, inviter_id=members[place // 3])
    for day in range(3):
        at = ledger.clock.now()
        await all_run(ledger, [CheckIn(member_id=one, request_key=f"c{day}", at=at) for one in members])
        at = ledger.clock.now()
        for wheel, count in (("left", 1), ("right", 2)):
            some = members[:: count + 1]
            await all_run(
                ledger,
                [
                    Draw(member_id=one, request_key=wheel + str(day), at=at, wheel=wheel, count=count)
                    for one in some
                ],
            )
    for wait in (36, 14):
        ledger.clock.advance(wait * DAY_S)
        at = ledger.clock.now()
        await all_run(ledger, [WarnExpiry(member_id=one, request_key=f"w{wait}", at=at) for one in members])
    await ledger.pool.execute("UPDATE notice SET state = 'sent'")


async def counted_and_forgotten(ledger: Ledger) -> list[asyncpg.Record]:
    """Let the program count, then take its meters away; what it had counted."""
    await lively(ledger)
    meters: list[asyncpg.Record] = await ledger.pool.fetch(METERS)
    assert {row["name"] for row in meters} == {
        "draws:left",
        "draws:right",
        "friends_rewarded",
        "expiry_warnings",
    }
    assert len(meters) > 100
    await ledger.pool.execute(LAST_VERSION)
    return meters


async def is_whole(ledger: Ledger, meters: list[asyncpg.Record]) -> None:
    assert await schema_problems(ledger.pool, SCHEMA) == []
    assert await ledger.pool.fetch(METERS) == meters
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


@pytest.mark.parametrize("date_style", ["ISO, MDY", "German, DMY"])
async def test_meters_are_filled_from_what_stands(bare_url: str, date_style: str) -> None:
    await migrate(bare_url)
    connection = await asyncpg.connect(bare_url)
    database = urlsplit(bare_url).path.lstrip("/")
    await connection.execute(f"ALTER DATABASE {database} SET DateStyle = '{date_style}'")
    await connection.close()
    async with open_ledger(bare_url) as ledger:
        meters = await counted_and_forgotten(ledger)
        await migrated_beside(bare_url)
        await is_whole(ledger, meters)
        (of_day,) = await ledger.pool.fetch(
            "SELECT DISTINCT period FROM meter WHERE name LIKE 'draws:%' ORDER BY period LIMIT 1"
        )
        assert of_day["period"] == "2026-03-03"


async def migrated_beside(url: str) -> None:
    """Migrate in a process of its own, as this one has the database open."""
    process = await start_migrating(url)
    _, complaints = await process.communicate()
    assert (process.returncode, complaints) == (0, b"")


PLACES = [
    ("CREATE TABLE meter (x int)", False),
    ("LOCK TABLE draw IN ACCESS EXCLUSIVE MODE", False),
    ("LOCK TABLE receipt IN ACCESS EXCLUSIVE MODE", False),
    ("LOCK TABLE notice IN ACCESS EXCLUSIVE MODE", False),
    ("LOCK TABLE tortoise_migrations IN SHARE MODE", True),
]
"""Where it is stopped and killed, and whether the meters stand by then: in each of its steps, and before it is recorded."""


async def test_a_migration_killed_anywhere_is_begun_again(bare_url: str) -> None:
    await migrate(bare_url)
    async with open_ledger(bare_url) as ledger:
        meters = await counted_and_forgotten(ledger)
        for stop, stands in PLACES:
            async with standing_in_the_way(bare_url, stop) as other:
                process = await start_migrating(bare_url)
                (backend,) = await until_blocked(other)
                process.kill()
                await process.wait()
                await other.execute("ROLLBACK")

                async def is_over(watch: asyncpg.Connection = other, gone: int = backend) -> bool:
                    return not await watch.fetchval(RUNS, gone)

                await until(is_over, within_s=30)
            assert await ledger.pool.fetchval(THERE) is stands
        await asyncio.gather(migrated_beside(bare_url), migrated_beside(bare_url))
        await is_whole(ledger, meters)
