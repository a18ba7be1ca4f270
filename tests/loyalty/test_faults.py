"""What goes wrong on the way: lost connections, locks, bad commands, callers that leave, an engine that closes."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import CheckedIn
from loyalty.engine import transactions
from loyalty.engine.command import Command
from loyalty.engine.engine import Engine
from loyalty.engine.follow_ups import LEASE
from loyalty.engine.outcomes import Decision
from loyalty.engine.transactions import EngineUnavailable, is_transient
from loyalty.games.commands import Draw
from loyalty.games.outcomes import Drawn
from loyalty.members.enrolment import Newcomer, enroll
from loyalty.opening import open_engine
from loyalty.programme.publishing.draft import StaleBase
from loyalty.programme.publishing.publication import ONE_AT_A_TIME, publish
from loyalty.rewards.commands import Redeem
from models.database import open_pool
from tests.ledger import KEYS, Ledger, gift_of, rules_with
from tests.loyalty.waiting import standing_in_the_way, until, until_blocked
from tests.proxy import open_proxy

pytestmark = pytest.mark.slow

LOCK_ACCOUNT = "SELECT FROM account WHERE member_id = $1 FOR UPDATE"


async def clean(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_a_killed_backend_is_tried_again_with_one_effect(ledger: Ledger) -> None:
    crowd = [await ledger.member() for _ in range(5)]
    async with standing_in_the_way(ledger.database_url, LOCK_ACCOUNT, crowd[0]) as other:
        asked = asyncio.gather(*(ledger.run(Draw, member, wheel="lucky") for member in crowd))
        for _ in range(2):
            for pid in await until_blocked(other):
                await other.execute("SELECT pg_terminate_backend($1, 5000)", pid)
        await until_blocked(other)
        await other.execute("ROLLBACK")
        answers = await asked
    assert all(isinstance(answer.outcome, Drawn) for answer in answers)
    assert not any(answer.replayed for answer in answers)
    assert await ledger.count("draw") == len(crowd)
    await clean(ledger)


async def test_a_lock_timeout_is_tried_again_with_one_effect(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = transactions.SETTINGS.replace("lock_timeout = '3s'", "lock_timeout = '200ms'")
    assert impatient != transactions.SETTINGS
    monkeypatch.setattr(transactions, "SETTINGS", impatient)
    member = await ledger.member()
    async with standing_in_the_way(ledger.database_url, LOCK_ACCOUNT, member) as other:
        asked = asyncio.create_task(ledger.run(CheckIn, member))
        await until_blocked(other)
        await asyncio.sleep(0.3)
        await other.execute("ROLLBACK")
        answer = await asked
    assert isinstance(answer.outcome, CheckedIn)
    assert (await ledger.version(member), await ledger.balance(member)) == (2, 110)


@pytest.mark.parametrize("lock", ["SELECT FROM account FOR UPDATE", ONE_AT_A_TIME])
async def test_a_process_that_hangs_within_a_transaction_loses_its_locks(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    """Such as a worker that is frozen while it puts rules in force: nobody waits until it goes on, and it finds out then."""
    member, frozen, thaw = await ledger.member(), asyncio.Event(), asyncio.Event()

    async def hang(connection: asyncpg.Connection) -> None:
        await connection.execute(lock)
        frozen.set()
        await thaw.wait()
        await connection.execute("UPDATE account SET version = version + 1")

    with monkeypatch.context() as patched:
        patched.setattr(transactions, "SETTINGS", transactions.SETTINGS.replace("'5s'", "'300ms'"))
        hanging = asyncio.create_task(transactions.in_transaction(ledger.pool, hang))
        await frozen.wait()
    await ledger.publish(rules_with(welcome={"points": 7}))
    assert isinstance((await ledger.run(CheckIn, member)).outcome, CheckedIn)
    thaw.set()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as raised:
        await hanging
    assert is_transient(raised.value)
    assert await ledger.version(member) == 2


async def test_an_answer_lost_after_commit_is_found_by_its_receipt(ledger: Ledger) -> None:
    crowd = [await ledger.member() for _ in range(5)]
    async with (
        open_proxy(ledger.database_url) as proxy,
        ledger.rival(proxy.url) as engine,
    ):
        proxy.cuts = 2
        answers = await asyncio.gather(
            *(
                engine.run(Draw(member_id=member, request_key="d", at=ledger.clock.now(), wheel="lucky"))
                for member in crowd
            )
        )
        assert (proxy.cuts, proxy.lost) == (0, 2)
    assert all(isinstance(answer.outcome, Drawn) for answer in answers)
    assert not any(answer.replayed for answer in answers), "it was this very try that drew"
    assert await ledger.count("draw") == len(crowd)
    again = await ledger.run(Draw, crowd[0], key="d", wheel="lucky")
    assert (again.outcome, again.replayed) == (answers[0].outcome, True)
    await clean(ledger)


async def test_a_newcomer_whose_commit_was_not_answered_is_welcomed_at_once(ledger: Ledger) -> None:
    async with (
        open_proxy(ledger.database_url) as proxy,
        ledger.rival(proxy.url) as engine,
    ):
        proxy.cuts = 1
        enrolled = await enroll(engine, Newcomer((("wx", "a"),), ledger.clock.now()))
        assert (proxy.cuts, proxy.lost) == (0, 1)
        assert (enrolled.created, gift_of(enrolled)) == (True, 100)
        proxy.cuts = 1
        again = await enroll(engine, Newcomer((("wx", "a"), ("wx", "b")), ledger.clock.now()))
        assert (proxy.lost, again.created) == (2, False)
    assert await ledger.balance(enrolled.member_id) == 100
    assert await ledger.count("member") == 1
    await clean(ledger)


async def test_a_publication_whose_commit_was_not_answered_is_told_as_done(ledger: Ledger) -> None:
    rules = rules_with(welcome={"points": 7})

    async def publish_rules(engine: Engine) -> int:
        return await publish(engine, rules, base=1, by="test", reason="test", urgent=True)

    async with (
        open_proxy(ledger.database_url) as proxy,
        ledger.rival(proxy.url) as engine,
    ):
        proxy.cuts = 1
        assert await publish_rules(engine) == 2
        assert (proxy.cuts, proxy.lost) == (0, 1)
    ledger.clock.advance(1)
    with pytest.raises(StaleBase):
        await publish_rules(ledger.engine)
    assert await ledger.count("rule_version") == 2


async def test_a_database_that_stays_away_is_told_and_the_key_can_be_repeated(ledger: Ledger) -> None:
    member = await ledger.member()
    async with open_proxy(ledger.database_url) as proxy, ledger.rival(proxy.url) as engine:
        proxy.cuts = 1_000_000
        command = CheckIn(member_id=member, request_key="c", at=ledger.clock.now())
        with pytest.raises(EngineUnavailable):
            await engine.transact(
                lambda connection: connection.execute("UPDATE member SET nickname = '小光'")
            )
        assert proxy.lost == 6
        proxy.cuts = 0
        assert isinstance((await engine.run(command)).outcome, CheckedIn)
    assert await ledger.balance(member) == 110


async def crowd_with_one_bad(ledger: Ledger, bad: Command) -> list[Decision | BaseException]:
    """Twenty good sign-ins asked at once with a bad command in their middle; the bad one's answer comes last."""
    crowd = [await ledger.member() for _ in range(20)]
    at = ledger.clock.now()
    commands: list[Command] = [CheckIn(member_id=member, request_key="c", at=at) for member in crowd]
    answers = await asyncio.gather(
        *(ledger.engine.run(command) for command in [*commands[:10], bad, *commands[10:]]),
        return_exceptions=True,
    )
    answers.append(answers.pop(10))
    return answers


BAD_COMMANDS: list[tuple[type[Command], dict[str, Any], type[BaseException]]] = [
    (Draw, {"wheel": "lucky", "client_seed": "\0"}, asyncpg.CharacterNotInRepertoireError),
    (Draw, {"wheel": "lucky", "client_seed": "\ud800"}, UnicodeEncodeError),
    (Draw, {"wheel": "\ud800"}, asyncpg.DataError),
    (CheckIn, {"request_key": "\0"}, asyncpg.CharacterNotInRepertoireError),
    (CheckIn, {"member_id": 2**63}, asyncpg.DataError),
    (CheckIn, {"request_key": "k" * 10_000_000}, asyncpg.PostgresError),
]


@pytest.mark.parametrize(("kind", "fields", "error"), BAD_COMMANDS)
async def test_a_bad_command_harms_itself_alone(
    ledger: Ledger, kind: type[Command], fields: dict[str, Any], error: type[BaseException]
) -> None:
    member = await ledger.member()
    before = await ledger.traces(member)
    given: dict[str, Any] = {"member_id": member, "request_key": "bad", "at": ledger.clock.now()} | fields
    bad = kind(**given)
    *good, failed = await crowd_with_one_bad(ledger, bad)
    assert isinstance(failed, error)
    assert not isinstance(failed, EngineUnavailable)
    assert all(isinstance(answer, Decision) and isinstance(answer.outcome, CheckedIn) for answer in good)
    assert await ledger.traces(member) == before
    await clean(ledger)


SPOILT = [
    ("UPDATE lot SET remaining = 10, spent = spent + 90 WHERE member_id = $1", ValueError),
    ("DELETE FROM lot WHERE member_id = $1", ValueError),
    ("INSERT INTO lot_use SELECT $1::bigint, 2, 'spent', expires_on, opens_on, 0, 1 FROM lot LIMIT 1",
     asyncpg.UniqueViolationError),
    ("UPDATE account SET seq = 0 WHERE member_id = $1", asyncpg.UniqueViolationError),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "error"), SPOILT)
async def test_a_spoilt_member_harms_nobody_else(
    ledger: Ledger, spoil: str, error: type[BaseException]
) -> None:
    """Rows that somebody edited: what does not add up is not made worse, and the batch-mates go on."""
    member = await ledger.member()
    await ledger.pool.execute(spoil, member)
    before = await ledger.traces(member)
    bad = Redeem(member_id=member, request_key="bad", at=ledger.clock.now(), reward="cookie")
    *good, failed = await crowd_with_one_bad(ledger, bad)
    assert isinstance(failed, error)
    assert all(isinstance(answer, Decision) and isinstance(answer.outcome, CheckedIn) for answer in good)
    shelf = before.pop("stock")
    after = await ledger.traces(member)
    assert after.pop("stock") == shelf
    assert after == before


async def test_callers_that_leave_let_their_commands_finish(ledger: Ledger) -> None:
    crowd = [await ledger.member() for _ in range(60)]
    dice = secrets.SystemRandom()
    asked = 0

    async def hurried(number: int) -> str:
        nonlocal asked
        command = Draw(
            member_id=crowd[number % 60], request_key=f"d{number}", at=ledger.clock.now(), wheel="lucky"
        )
        task = asyncio.create_task(ledger.engine.run(command))
        await asyncio.sleep(dice.uniform(0, 0.005))
        asked += 1
        return "left" if task.cancel() else task.result().outcome.code

    results = await asyncio.gather(*(hurried(number) for number in range(600)))
    assert asked == 600
    assert results.count("left") > 100

    async def all_done() -> bool:
        return await ledger.count("receipt", command="draw") == 600

    await until(all_done)
    assert await ledger.count("receipt", command="draw", accepted=True) >= 300
    assert ledger.pool.get_idle_size() == ledger.pool.get_size()
    ledger.clock.advance(86_400)
    decisions = await asyncio.gather(*(ledger.run(CheckIn, member) for member in crowd))
    assert all(isinstance(decision.outcome, CheckedIn) for decision in decisions)
    await clean(ledger)


async def test_cancelled_transactions_leave_the_pool_whole(ledger: Ledger) -> None:
    """Enrolment runs outside the lanes, and is cancelled as often as any request."""
    dice = secrets.SystemRandom()

    async def hurried() -> None:
        task = asyncio.create_task(ledger.member())
        await asyncio.sleep(dice.uniform(0, 0.005))
        task.cancel()

    for _ in range(10):
        await asyncio.gather(*(hurried() for _ in range(30)))

    async def idle() -> bool:
        return bool(ledger.pool.get_idle_size() == ledger.pool.get_size())

    await until(idle)
    assert await ledger.count("member") == await ledger.count("account")
    ledger.clock.advance(LEASE.total_seconds())
    await ledger.engine.run_due_follow_ups(ledger.clock.now(), limit=1000)
    assert await ledger.pool.fetchval("SELECT count(*) FROM account WHERE available <> 100") == 0
    await clean(ledger)


async def test_a_transaction_whose_caller_left_is_carried_out(ledger: Ledger) -> None:
    await ledger.member()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(connection: asyncpg.Connection) -> None:
        await connection.execute("UPDATE member SET nickname = '小光'")
        begun.set()
        await go_on.wait()

    task = asyncio.create_task(ledger.engine.transact(work))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await ledger.count("member", nickname="小光") == 0
    go_on.set()

    async def committed() -> bool:
        return await ledger.count("member", nickname="小光") == 1

    await until(committed)


async def test_closing_finishes_what_was_asked_and_takes_nothing_more(ledger: Ledger) -> None:
    crowd = [await ledger.member() for _ in range(50)]
    async with asyncpg.create_pool(ledger.database_url, min_size=1, max_size=2) as pool:
        async with open_engine(pool, ledger.clock, ledger.zone, KEYS, batch_size=7) as engine:
            at = ledger.clock.now()
            asked = [
                asyncio.create_task(engine.run(CheckIn(member_id=member, request_key="c", at=at)))
                for member in crowd * 2
            ]
            await asyncio.sleep(0)
        assert all(task.done() for task in asked)
        answers = [task.result() for task in asked]
        assert all(isinstance(answer.outcome, CheckedIn) for answer in answers)
        assert [answer.replayed for answer in answers] == [False] * 50 + [True] * 50
        with pytest.raises(EngineUnavailable):
            await engine.run(CheckIn(member_id=crowd[0], request_key="late", at=at))


TRANSIENT = [
    (asyncpg.SerializationError("x"), True),
    (asyncpg.DeadlockDetectedError("x"), True),
    (asyncpg.LockNotAvailableError("x"), True),
    (asyncpg.QueryCanceledError("x"), True),
    (asyncpg.AdminShutdownError("x"), True),
    (asyncpg.CannotConnectNowError("x"), True),
    (asyncpg.ConnectionDoesNotExistError("x"), True),
    (asyncpg.InterfaceError("connection is closed"), True),
    (asyncpg.InternalClientError("cannot switch to state 12"), True),
    (asyncpg.DiskFullError("x"), True),
    (asyncpg.PostgresIOError("x"), True),
    (asyncpg.TooManyConnectionsError("x"), True),
    (ConnectionResetError(), True),
    (TimeoutError(), True),
    (asyncpg.UniqueViolationError("x"), False),
    (asyncpg.CheckViolationError("x"), False),
    (asyncpg.CharacterNotInRepertoireError("x"), False),
    (asyncpg.InternalServerError("x"), False),
    (ValueError("x"), False),
    (KeyError("x"), False),
]


@pytest.mark.parametrize(("error", "again"), TRANSIENT)
def test_what_is_tried_again(error: BaseException, again: bool) -> None:
    assert is_transient(error) is again


async def raised(work: Callable[[], Awaitable[object]]) -> BaseException:
    """What the work ends with."""
    with pytest.raises(Exception) as error:  # each kind is looked at by its caller
        await work()
    return error.value


async def test_a_mistake_in_a_statement_is_no_outage(ledger: Ledger) -> None:
    """asyncpg has one class for both; the driver's own words, as it really says them, tell them apart."""
    mistakes = [
        ("SELECT $1::int", (1, 2)),
        ("SELECT 1", (1,)),
        ("SELECT $1::int", ("x",)),
        ("SELECT", [0] * 40_000),
    ]
    for statement, values in mistakes:
        with pytest.raises((asyncpg.InterfaceError, asyncpg.DataError)) as mistake:
            await ledger.engine.transact(lambda connection: connection.fetch(statement, *values))  # noqa: B023  # at once
        assert not is_transient(mistake.value), mistake.value


async def test_what_asyncpg_says_of_connections_that_are_gone(ledger: Ledger) -> None:
    connection = await asyncpg.connect(ledger.database_url)
    pid = connection.get_server_pid()
    await ledger.pool.execute("SELECT pg_terminate_backend($1, 5000)", pid)
    errors = [await raised(lambda: connection.fetch("SELECT 1")) for _ in range(2)]
    await connection.close()
    pool = await asyncpg.create_pool(ledger.database_url, min_size=1, max_size=1)
    held = await pool.acquire()
    held.terminate()
    errors.append(await raised(lambda: held.fetch("SELECT 1")))
    await pool.release(held)
    errors.append(await raised(lambda: held.fetch("SELECT 1")))
    await pool.close()
    errors.append(await raised(lambda: pool.fetch("SELECT 1")))
    assert {type(error) for error in errors} >= {asyncpg.InterfaceError}
    for error in errors:
        assert is_transient(error), repr(error)


async def test_a_crowd_of_readers_does_not_keep_the_lanes_waiting(ledger: Ledger) -> None:
    """Every connection of the shared pool is taken; the lanes have their own."""
    member = await ledger.member()
    async with (
        asyncpg.create_pool(ledger.database_url, min_size=1, max_size=2) as shared,
        open_pool(ledger.database_url, size=2) as lanes,
        open_engine(shared, ledger.clock, ledger.zone, KEYS, lane_pool=lanes) as engine,
        shared.acquire(),
        shared.acquire(),
    ):
        command = CheckIn(member_id=member, request_key="test:crowd", at=ledger.clock.now())
        decision = await asyncio.wait_for(engine.run(command), 30)
    assert isinstance(decision.outcome, CheckedIn)
