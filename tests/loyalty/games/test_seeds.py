"""Seeds: sealed while their round is open, revealed when it ends, by time too, and never drawn on in a restored database."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from base.sealing import NO_KEYS, Keyring, SealingError
from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.engine.engine import Engine
from loyalty.games.commands import Draw
from loyalty.games.decide import SeedSealed
from loyalty.games.outcomes import Drawn
from loyalty.games.proofs import proof
from loyalty.games.rounds import end_rounds, require_keys, seal_rounds_again
from loyalty.games.seeds import HERE, open_seed
from loyalty.games.views import wheel_view
from loyalty.opening import open_engine
from loyalty.programme.publishing.publication import publish, put_in_force
from models.database import migrate, open_database
from tests.app_role import app_role
from tests.conftest import run_sql
from tests.ledger import DAY_S, KEYS, ZONE, Ledger, open_ledger, rules_with

LUCKY = rules_with().wheels[0].model_dump(mode="json")
OPEN = "SELECT * FROM wheel_round WHERE closed_at IS NULL"


async def rounds(pool: asyncpg.Pool) -> list[tuple[int, bool, bool]]:
    """Each round, whether it is over, and whether its seed is revealed."""
    rows = await pool.fetch("SELECT * FROM wheel_round ORDER BY id")
    return [(row["id"], row["closed_at"] is not None, row["server_seed"] is not None) for row in rows]


async def clean(ledger: Ledger) -> None:
    report = await audit(ledger.pool, ledger.clock.now(), KEYS)
    assert report.violations == []
    assert report.recomputed["draws"] == await ledger.count("draw")


async def test_no_plain_seed_of_an_open_round_is_at_rest(ledger: Ledger) -> None:
    """Not in its row, and the database itself refuses one."""
    row = await ledger.pool.fetchrow(OPEN)
    seed = open_seed(row, KEYS)
    assert len(seed) == 32
    assert not any(isinstance(value, bytes) and seed in value for value in row.values())
    with pytest.raises(asyncpg.CheckViolationError):
        await ledger.pool.execute("UPDATE wheel_round SET server_seed = $1", seed)


async def test_a_seed_opens_only_with_its_key_and_for_its_own_round(ledger: Ledger) -> None:
    await ledger.publish(rules_with(wheels=[LUCKY, LUCKY | {"id": "second"}]))
    one, two = await ledger.pool.fetch(f"{OPEN} ORDER BY id")
    with pytest.raises(SealingError):
        open_seed(one, Keyring("another key of sixteen"))
    with pytest.raises(SealingError):
        open_seed({**one, "sealed_seed": two["sealed_seed"]}, KEYS)


async def test_a_quiet_wheel_shows_its_seed_at_midnight(ledger: Ledger) -> None:
    """Nobody draws on; the job closes the round, and the only draw of the day can be checked."""
    member = await ledger.member()
    drawn = await ledger.run(Draw, member, wheel="lucky")
    assert isinstance(drawn.outcome, Drawn)
    midnight = datetime(2026, 3, 2, 16, tzinfo=UTC)
    ledger.clock.move_to(midnight - timedelta(microseconds=1))
    await put_in_force(ledger.engine)
    assert await rounds(ledger.pool) == [(1, False, False)]
    ledger.clock.move_to(midnight)
    for _ in range(3):
        await put_in_force(ledger.engine)
    assert await rounds(ledger.pool) == [(1, True, True), (2, False, False)]
    shown = await proof(ledger.pool, member, drawn.outcome.draws[0].id)
    assert shown is not None
    assert (shown.revealed_at, bool(shown.server_seed)) == (midnight, True)
    await clean(ledger)


async def test_a_weekly_round_ends_with_its_week(ledger: Ledger) -> None:
    await ledger.publish(rules_with(wheels=[LUCKY | {"round": "week"}]))
    monday = datetime(2026, 3, 8, 16, tzinfo=UTC)
    assert (await ledger.pool.fetchrow(OPEN))["ends_at"] == monday
    ledger.clock.move_to(monday - timedelta(seconds=1))
    await put_in_force(ledger.engine)
    assert len(await rounds(ledger.pool)) == 2
    ledger.clock.move_to(monday)
    await put_in_force(ledger.engine)
    assert (await ledger.pool.fetchrow(OPEN))["ends_at"] == monday + timedelta(weeks=1)


async def test_the_first_draws_of_a_day_turn_the_round_once(ledger: Ledger) -> None:
    """Where no job has been, and of sixteen at once in two processes."""
    crowd = [await ledger.member() for _ in range(16)]
    ledger.clock.advance(DAY_S)
    async with ledger.rival() as rival:
        answers = await asyncio.gather(
            *(
                engine.run(Draw(member_id=one, request_key="d", at=ledger.clock.now(), wheel="lucky"))
                for one, engine in zip(crowd, (ledger.engine, rival) * 8, strict=True)
            )
        )
    assert all(isinstance(answer.outcome, Drawn) for answer in answers)
    assert await rounds(ledger.pool) == [(1, True, True), (2, False, False)]
    assert await ledger.count("draw", round_id=2) == 16
    await clean(ledger)


async def test_a_draw_that_was_written_yesterday_counts_for_yesterday(ledger: Ledger) -> None:
    """Although yesterday's round is over: it is drawn on the round of now."""
    member, written_at = await ledger.member(), ledger.clock.now()
    ledger.clock.advance(DAY_S)
    command = Draw(member_id=member, request_key="d", at=written_at, wheel="lucky")
    assert isinstance((await ledger.engine.run(command)).outcome, Drawn)
    row = await ledger.pool.fetchrow("SELECT day, round_id FROM draw")
    assert tuple(row) == (written_at.astimezone(ZONE).date(), 2)
    await clean(ledger)


async def test_a_round_that_is_over_is_not_shown_as_open(ledger: Ledger) -> None:
    member, live = await ledger.member(), await ledger.live()

    async def shown() -> tuple[int | None, datetime | None]:
        view = await wheel_view(ledger.pool, member, live.rules.wheels[0], live, ledger.clock.now())
        return view.round_id, view.round_ends_at

    assert await shown() == (1, datetime(2026, 3, 2, 16, tzinfo=UTC))
    ledger.clock.advance(DAY_S)
    assert await shown() == (None, None)


WRONG_SEEDS = [
    ("changed", "UPDATE wheel_round SET sealed_seed = sealed_seed || '\\x00'"),
    ("cut", "UPDATE wheel_round SET sealed_seed = '\\x00'"),
    ("of another round", "UPDATE wheel_round SET commitment = sha256('x')"),
]


@pytest.mark.parametrize(("what", "statement"), WRONG_SEEDS)
async def test_a_seal_that_was_broken_is_found_and_not_drawn_on(
    ledger: Ledger, what: str, statement: str
) -> None:
    member = await ledger.member()
    await ledger.pool.execute(statement)
    before = await ledger.traces(member)
    with pytest.raises(SeedSealed):
        await ledger.run(Draw, member, wheel="lucky")
    assert await ledger.traces(member) == before, what
    named = (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations
    assert [(one.invariant, one.member_id) for one in named] == [("I18", None)]


async def test_without_the_key_other_members_are_served(ledger: Ledger) -> None:
    """A process with another key draws nothing; what shares a batch with such a draw is done all the same."""
    member, other = await ledger.member(), await ledger.member()
    strange = Keyring("another key of sixteen")
    async with open_engine(ledger.pool, ledger.clock, ZONE, strange) as engine:
        at = ledger.clock.now()
        answers = await asyncio.gather(
            engine.run(Draw(member_id=member, request_key="d", at=at, wheel="lucky")),
            engine.run(CheckIn(member_id=other, request_key="c", at=at)),
            return_exceptions=True,
        )
    assert isinstance(answers[0], SeedSealed)
    assert await ledger.count("check_in") == 1
    assert await ledger.count("draw") == 0


@pytest.fixture
def copy_url(bare_url: str) -> Any:
    """The address of a copy that the test makes of `bare_url`; dropped afterwards."""
    url = urlsplit(bare_url)
    yield url._replace(path=f"{url.path}_copy").geturl()
    run_sql(bare_url, f"DROP DATABASE IF EXISTS {url.path[1:]}_copy WITH (FORCE)")


async def test_a_restored_database_draws_on_no_round_of_its_backup(bare_url: str, copy_url: str) -> None:
    """What was drawn after the backup is lost there and known to its members: the seed must not decide anything again."""
    await migrate(bare_url)
    async with open_ledger(bare_url) as ledger:
        member = await ledger.member()
        await ledger.run(Draw, member, key="before", wheel="lucky")
        clock = ledger.clock
    name, copied = urlsplit(bare_url).path[1:], urlsplit(copy_url).path[1:]
    run_sql(bare_url.replace(f"/{name}", "/postgres"), f"CREATE DATABASE {copied} TEMPLATE {name}")
    async with open_database(copy_url) as pool, open_engine(pool, clock, ZONE, KEYS) as engine:
        again = await engine.run(Draw(member_id=member, request_key="before", at=clock.now(), wheel="lucky"))
        assert again.replayed
        decision = await engine.run(Draw(member_id=member, request_key="d", at=clock.now(), wheel="lucky"))
        assert isinstance(decision.outcome, Drawn)
        assert decision.outcome.draws[0].round_id == 2
        assert await rounds(pool) == [(1, True, True), (2, False, False)]
        assert (await audit(pool, clock.now(), KEYS)).violations == []
    async with open_database(bare_url) as pool, open_engine(pool, clock, ZONE, KEYS) as engine:
        await put_in_force(engine)
        assert await rounds(pool) == [(1, False, False)]


PLACES = ["8.0/00000001/5/16384", "another"]


@pytest.mark.parametrize("place", PLACES)
async def test_the_job_turns_the_rounds_of_a_restored_database(ledger: Ledger, place: str) -> None:
    """Another cluster, timeline, database or table is another place."""
    await ledger.pool.execute("UPDATE wheel_round SET opened_in = $1", place)
    member, live = await ledger.member(), await ledger.live()
    view = await wheel_view(ledger.pool, member, live.rules.wheels[0], live, ledger.clock.now())
    assert view.commitment is None
    for _ in range(3):
        await put_in_force(ledger.engine)
    assert await rounds(ledger.pool) == [(1, True, True), (2, False, False)]


async def test_a_place_is_cluster_timeline_database_and_table(ledger: Ledger) -> None:
    cluster, timeline, database, table = (await ledger.pool.fetchval(f"SELECT {HERE}")).split("/")
    known = await ledger.pool.fetchrow(
        "SELECT s.system_identifier::text, d.oid::text, 'wheel_round'::regclass::oid::text"
        " FROM pg_control_system() s, pg_database d WHERE d.datname = current_database()"
    )
    assert (cluster, database, table) == tuple(known)
    assert int(timeline, 16) >= 1


async def test_a_key_is_replaced_while_rounds_turn(ledger: Ledger) -> None:
    """Two processes seal again at once, in small batches, while the day ends: a closed round keeps its revealed seed."""
    await ledger.publish(rules_with(wheels=[LUCKY | {"id": f"w{number}"} for number in range(8)]))
    seeds = {row["id"]: open_seed(row, KEYS) for row in await ledger.pool.fetch(OPEN)}
    both = Keyring("the key of tomorrow", "test-secret-key-of-the-house")

    async def seal(engine: Engine) -> None:
        sealed = 1
        while sealed:
            sealed = await engine.transact(lambda connection: seal_rounds_again(connection, both, 3))

    async with ledger.rival() as rival, open_engine(ledger.pool, ledger.clock, ZONE, both) as turning:
        ledger.clock.advance(DAY_S)
        await asyncio.gather(seal(ledger.engine), seal(rival), put_in_force(turning))
        await seal(rival)
    rows = await ledger.pool.fetch("SELECT * FROM wheel_round")
    assert {row["id"]: row["server_seed"] for row in rows if row["id"] in seeds} == seeds
    still_open = [row for row in rows if row["closed_at"] is None]
    assert len(still_open) == 8
    assert {row["key_id"] for row in still_open} == {both.present_id}
    assert all(len(open_seed(row, Keyring("the key of tomorrow"))) == 32 for row in still_open)


async def test_a_process_does_not_serve_on_a_seed_that_it_cannot_open(ledger: Ledger) -> None:
    await require_keys(ledger.pool, KEYS)
    with pytest.raises(SealingError, match="JIFEN_SECRET_KEY_PREVIOUS"):
        await require_keys(ledger.pool, Keyring("another key of sixteen"))


async def test_the_application_may_turn_rounds_and_ask_where_it_is(ledger: Ledger) -> None:
    """Its role owns nothing; it reads what names the database, and reveals seeds, and changes no commitment."""
    with app_role(ledger.database_url) as role:
        async with ledger.rival(role.url) as engine:
            member = await ledger.member()
            ledger.clock.advance(DAY_S)
            command = Draw(member_id=member, request_key="d", at=ledger.clock.now(), wheel="lucky")
            assert isinstance((await engine.run(command)).outcome, Drawn)
            assert await engine.transact(lambda one: end_rounds(one, KEYS, ledger.clock.now())) == 1
    assert await rounds(ledger.pool) == [(1, True, True), (2, True, True)]


async def test_an_audit_without_any_key_waits_for_the_reveal(ledger: Ledger) -> None:
    """What is sealed is not called wrong; once the round is over, its draws are recomputed without a key as well."""
    member = await ledger.member()
    await ledger.run(Draw, member, wheel="lucky")
    await ledger.run(CheckIn, member)
    waiting = await audit(ledger.pool, ledger.clock.now(), NO_KEYS)
    assert (waiting.violations, waiting.recomputed["draws"]) == ([], 0)
    ledger.clock.advance(DAY_S)
    await put_in_force(ledger.engine)
    await ledger.pool.execute("UPDATE draw SET roll = (roll + 1) % 1000000")
    named = await audit(ledger.pool, ledger.clock.now(), NO_KEYS)
    assert named.recomputed["draws"] == 1
    assert ("I18", member) in {(one.invariant, one.member_id) for one in named.violations}


async def test_a_seed_under_a_key_that_nobody_has_is_named_once(ledger: Ledger) -> None:
    for _ in range(3):
        await ledger.run(Draw, await ledger.member(), wheel="lucky")
    strange = await audit(ledger.pool, ledger.clock.now(), Keyring("another key of sixteen"))
    assert [(one.invariant, one.member_id) for one in strange.violations] == [("I18", None)]


async def test_a_publication_without_the_key_leaves_the_rounds_to_those_who_have_it(ledger: Ledger) -> None:
    """No draw is made on the old round meanwhile: the first one turns it."""
    member = await ledger.member()
    async with open_engine(ledger.pool, ledger.clock, ZONE, NO_KEYS) as keyless:
        await publish(
            keyless,
            rules_with(wheels=[LUCKY | {"cost_points": 19}]),
            base=1,
            by="test",
            reason="test",
            urgent=True,
        )
    assert await rounds(ledger.pool) == [(1, False, False)]
    drawn = await ledger.run(Draw, member, wheel="lucky")
    assert isinstance(drawn.outcome, Drawn)
    assert (drawn.outcome.draws[0].round_id, drawn.outcome.cost_points) == (2, 19)
    assert await rounds(ledger.pool) == [(1, True, True), (2, False, False)]
    await clean(ledger)
