"""Several engines over one database: every member exactly once, stock exact, no deadlock, stale decisions thrown away."""

import asyncio
import secrets
from contextlib import AsyncExitStack

import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import CheckedIn
from loyalty.engine.command import Command
from loyalty.engine.engine import Engine
from loyalty.engine.outcomes import Decision
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.games.commands import Draw
from loyalty.games.outcomes import Drawn
from loyalty.members.enrolment import Newcomer, enroll
from loyalty.rewards.commands import Redeem
from loyalty.rewards.outcomes import OutOfStock, Redeemed
from tests.ledger import KEYS, Ledger, gift_of, limited_wheel, rules_with
from tests.loyalty.waiting import standing_in_the_way, until_blocked

CUP = {"id": "cup", "name": "杯子", "kind": "voucher", "price_points": 10, "stock": 10, "valid_days": 30}
HOT_WHEEL = limited_wheel("hot", stock=10)
RICH = {"points": 100_000}


async def members(ledger: Ledger, count: int) -> list[int]:
    return list(await asyncio.gather(*(ledger.member() for _ in range(count))))


def check_in(ledger: Ledger, member: int, key: str) -> CheckIn:
    return CheckIn(member_id=member, request_key=key, at=ledger.clock.now())


async def clean(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_two_engines_on_the_same_members(ledger: Ledger) -> None:
    crowd = await members(ledger, 60)
    async with ledger.rival() as rival:
        answers = await asyncio.gather(
            *(
                engine.run(check_in(ledger, member, f"{number}:{member}"))
                for member in crowd
                for number, engine in enumerate((ledger.engine, rival, ledger.engine, rival))
            )
        )
    codes = [answer.outcome.code for answer in answers]
    assert codes.count("checked_in") == len(crowd)
    assert codes.count("already_checked_in") == 3 * len(crowd)
    rows = await ledger.pool.fetch("SELECT available, version FROM account")
    assert {(row["available"], row["version"]) for row in rows} == {(110, 2)}
    await clean(ledger)


async def test_a_stale_version_loses_and_is_decided_again(ledger: Ledger) -> None:
    slow, quick = await members(ledger, 2)
    await ledger.engine.run(check_in(ledger, slow, "warm"))
    ledger.clock.advance(86_400)
    raised = "UPDATE account SET version = version + 1 WHERE member_id = $1"
    async with standing_in_the_way(ledger.database_url, raised, slow) as other:
        asked = asyncio.gather(
            *(ledger.engine.run(check_in(ledger, member, "late")) for member in (slow, quick))
        )
        await until_blocked(other)
        await other.execute("COMMIT")
        answers = await asked
    assert [answer.outcome.code for answer in answers] == ["checked_in", "checked_in"]
    assert await ledger.version(slow) == 4  # the gift, two sign-ins, and the one who stood in the way
    assert await ledger.version(quick) == 2
    assert await ledger.pool.fetchval("SELECT max(no) FROM receipt WHERE member_id = $1", slow) == 4


async def test_the_last_piece_taken_between_load_and_store_is_refused(ledger: Ledger) -> None:
    await ledger.publish(rules_with(rewards=[CUP]))
    late, other_buyer = await members(ledger, 2)
    sold_out = "UPDATE stock SET taken = stocked - 1 WHERE item = 'reward:cup'"
    async with standing_in_the_way(ledger.database_url, sold_out) as other:
        both = asyncio.gather(
            *(ledger.run(Redeem, member, reward="cup") for member in (late, other_buyer)),
        )
        await until_blocked(other)
        await other.execute("COMMIT")
        answers = await both
    assert sorted(answer.outcome.code for answer in answers) == ["out_of_stock", "redeemed"]
    refused = next(answer.outcome for answer in answers if isinstance(answer.outcome, OutOfStock))
    assert refused == OutOfStock(item="cup", name="杯子", left=0)
    assert await ledger.pool.fetchval("SELECT stocked - taken FROM stock WHERE item = 'reward:cup'") == 0
    assert await ledger.count("redemption") == 1
    assert sorted([await ledger.balance(late), await ledger.balance(other_buyer)]) == [90, 100]


async def test_the_last_prize_taken_between_load_and_store_becomes_the_substitute(ledger: Ledger) -> None:
    await ledger.publish(rules_with(wheels=[HOT_WHEEL]))
    member = await ledger.member()
    sold_out = "UPDATE stock SET taken = stocked - 1 WHERE item = 'prize:hot:grand'"
    async with standing_in_the_way(ledger.database_url, sold_out) as other:
        asked = asyncio.create_task(ledger.run(Draw, member, wheel="hot", count=3))
        await until_blocked(other)
        await other.execute("COMMIT")
        answer = await asked
    assert isinstance(answer.outcome, Drawn)
    assert [draw.prize for draw in answer.outcome.draws] == ["grand", "consolation", "consolation"]
    assert await ledger.pool.fetchval("SELECT stocked - taken FROM stock WHERE item = 'prize:hot:grand'") == 0


async def test_a_piece_decided_for_a_loser_is_not_gone_for_its_batch_mates(ledger: Ledger) -> None:
    """The one who would have taken the last piece turns out stale and poor: the piece is the neighbour's."""
    await ledger.publish(rules_with(rewards=[CUP | {"stock": 1}]))
    stale, neighbour = await members(ledger, 2)
    emptied = "UPDATE account SET version = version + 1, available = 0, spent = spent + available WHERE member_id = $1"
    async with standing_in_the_way(ledger.database_url, emptied, stale) as other:
        await other.execute(
            "UPDATE lot SET spent = spent + remaining, remaining = 0 WHERE member_id = $1", stale
        )
        both = asyncio.gather(*(ledger.run(Redeem, member, reward="cup") for member in (stale, neighbour)))
        await until_blocked(other)
        await other.execute("COMMIT")
        lost, won = await both
    assert lost.outcome.code in {"not_enough_points", "out_of_stock"}
    assert isinstance(won.outcome, Redeemed)


async def test_hot_stock_is_exact_over_engines(ledger: Ledger) -> None:
    await ledger.publish(rules_with(wheels=[HOT_WHEEL], rewards=[CUP], welcome=RICH))
    crowd = await members(ledger, 40)
    async with ledger.rival() as second, ledger.rival() as third:
        engines = (ledger.engine, second, third)

        async def grab(place: int, member: int) -> list[Decision]:
            engine, at = engines[place % 3], ledger.clock.now()
            return [
                await engine.run(Redeem(member_id=member, request_key="r", at=at, reward="cup")),
                await engine.run(Draw(member_id=member, request_key="d", at=at, wheel="hot", count=2)),
            ]

        answers = await asyncio.gather(*(grab(place, member) for place, member in enumerate(crowd)))
    assert [pair[0].outcome.code for pair in answers].count("redeemed") == 10
    grand = [
        draw.prize for pair in answers if isinstance(pair[1].outcome, Drawn) for draw in pair[1].outcome.draws
    ]
    assert (grand.count("grand"), grand.count("consolation")) == (10, 70)
    await clean(ledger)


async def test_many_engines_in_any_order_do_not_deadlock(ledger: Ledger) -> None:
    await ledger.publish(
        rules_with(wheels=[HOT_WHEEL | {"free_per_day": 100}], rewards=[CUP | {"stock": 10_000}])
    )
    crowd = await members(ledger, 30)
    dice = secrets.SystemRandom()
    before = await ledger.pool.fetchval(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    async with AsyncExitStack() as stack:
        engines = [await stack.enter_async_context(ledger.rival()) for _ in range(4)]

        async def bustle(engine: Engine, number: int) -> None:
            for step in range(6):
                some = dice.sample(crowd, 20)
                at = ledger.clock.now()
                commands: list[Command] = [
                    Draw(member_id=member, request_key=f"{number}.{step}", at=at, wheel="hot")
                    for member in some[:10]
                ]
                commands += [
                    Redeem(member_id=member, request_key=f"{number}.{step}", at=at, reward="cup")
                    for member in some[10:]
                ]
                await engine.run_all(commands)

        await asyncio.gather(*(bustle(engine, number) for number, engine in enumerate(engines)))
    await ledger.pool.fetchval("SELECT pg_stat_force_next_flush()")
    after = await ledger.pool.fetchval(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    assert after == before
    assert await ledger.count("receipt") == 30 + 4 * 6 * 20
    await clean(ledger)


@pytest.mark.parametrize("engines", [1, 2])
async def test_enrolling_one_person_fifty_times_at_once(ledger: Ledger, engines: int) -> None:
    person = Newcomer((("wx_a", "openid"), ("unionid", "u")), ledger.clock.now())
    async with ledger.rival() as rival:
        doors = (ledger.engine, rival)[:engines]
        answers = await asyncio.gather(*(enroll(doors[number % engines], person) for number in range(50)))
    assert len({answer.member_id for answer in answers}) == 1
    assert [answer.created for answer in answers].count(True) == 1
    assert sum(gift_of(answer) for answer in answers) == 100
    assert (
        await ledger.count("member")
        == await ledger.count("account")
        == await ledger.count("referral_code")
        == 1
    )
    assert await ledger.count("identity") == 2
    assert await ledger.balance(answers[0].member_id) == 100
    await clean(ledger)


async def test_many_arrive_together_and_go_in_few_transactions(ledger: Ledger) -> None:
    crowd = await members(ledger, 300)
    decisions = await asyncio.gather(*(ledger.run(CheckIn, member) for member in crowd))
    assert all(isinstance(decision.outcome, CheckedIn) for decision in decisions)
    transactions = await ledger.pool.fetchval(
        "SELECT count(DISTINCT xmin::text) FROM receipt WHERE command = 'check_in'"
    )
    assert transactions <= 5


async def test_one_members_commands_run_in_the_order_they_were_asked(ledger: Ledger) -> None:
    member = await ledger.member()
    at = ledger.clock.now()
    commands: list[Command] = [
        Draw(member_id=member, request_key=f"k{number}", at=at, wheel="lucky") for number in range(4)
    ]
    await ledger.engine.run_all(commands)
    rows = await ledger.pool.fetch("SELECT request_key FROM receipt WHERE command = 'draw' ORDER BY no")
    assert [row["request_key"] for row in rows] == ["k0", "k1", "k2", "k3"]


COPY_CHECK_IN = """
INSERT INTO check_in SELECT (jsonb_populate_record(t, jsonb_build_object('member_id', $1::bigint))).* FROM check_in t
"""
COPY_RECEIPT = """
INSERT INTO receipt SELECT (jsonb_populate_record(t, jsonb_build_object('member_id', $1::bigint))).* FROM receipt t
WHERE request_key = 'k'
"""


async def test_a_refusal_decided_on_rows_of_two_moments_is_decided_again(ledger: Ledger) -> None:
    """The same request commits elsewhere between this one's look at the receipts and its look at the days."""
    model, member = await members(ledger, 2)
    first = await ledger.engine.run(check_in(ledger, model, "k"))
    async with standing_in_the_way(
        ledger.database_url, "LOCK TABLE check_in IN ACCESS EXCLUSIVE MODE"
    ) as other:
        asked = asyncio.create_task(ledger.engine.run(check_in(ledger, member, "k")))
        await until_blocked(other)
        await other.execute("UPDATE account SET version = 2 WHERE member_id = $1", member)
        await other.execute(COPY_CHECK_IN, member)
        await other.execute(COPY_RECEIPT, member)
        await other.execute("COMMIT")
        again = await asked
    assert (again.outcome, again.replayed) == (first.outcome, True)


async def test_lots_of_a_later_moment_than_their_account_are_no_error(ledger: Ledger) -> None:
    member = await ledger.member()
    spent = "UPDATE account SET version = version + 1, available = 0, spent = spent + available WHERE member_id = $1"
    async with standing_in_the_way(ledger.database_url, "LOCK TABLE lot IN ACCESS EXCLUSIVE MODE") as other:
        asked = asyncio.create_task(ledger.run(Redeem, member, reward="cookie"))
        await until_blocked(other)
        await other.execute(spent, member)
        await other.execute("UPDATE lot SET spent = spent + remaining, remaining = 0")
        await other.execute("COMMIT")
        answer = await asked
    assert answer.outcome == NotEnoughPoints(needed=60, available=0)
