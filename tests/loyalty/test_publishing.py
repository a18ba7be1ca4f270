"""Publishing: on the newest base only, never below what was taken, in force with the next batch and no restart."""

import asyncio
from datetime import timedelta

import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import CheckedIn
from loyalty.engine.engine import Engine
from loyalty.games.seeds import open_seed
from loyalty.members.enrolment import Newcomer, enroll
from loyalty.programme.files.reading import read_rules
from loyalty.programme.in_force.live import NoRulesPublished
from loyalty.programme.publishing.draft import StaleBase, StockBelowTaken
from loyalty.programme.publishing.publication import publish
from loyalty.programme.rules import RuleSet
from loyalty.rewards.commands import Redeem
from tests.ledger import DAY_S, DEMO_RULES, KEYS, MORE, Ledger, rules_with

CUP = {"id": "cup", "name": "杯子", "kind": "voucher", "price_points": 10, "stock": 5}


async def everything(ledger: Ledger) -> list[str | None]:
    """All rows that publishing could touch."""
    return [
        await ledger.pool.fetchval(f"SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM {table} t")  # noqa: S608  # our own names
        for table in ("rule_version", "stock", "wheel_round")
    ]


async def publish_test(engine: Engine, ledger: Ledger, rules: RuleSet, base: int) -> int:
    return await publish(
        engine, rules, base=base, effective_from=ledger.clock.now(), by="test", reason="test", urgent=True
    )


@pytest.mark.parametrize("base", [0, 2, 99])
async def test_a_stale_base_is_refused(ledger: Ledger, base: int) -> None:
    before = await everything(ledger)
    with pytest.raises(StaleBase):
        await publish_test(ledger.engine, ledger, rules_with(rewards=[CUP]), base)
    assert await everything(ledger) == before


async def test_a_stock_below_what_was_taken_is_refused(ledger: Ledger) -> None:
    await ledger.publish(rules_with(rewards=[CUP]))
    for _ in range(3):
        await ledger.run(Redeem, await ledger.member(), reward="cup")
    before = await everything(ledger)
    with pytest.raises(
        StockBelowTaken, match=r"礼品「.+」的库存：会员已经领走 3，总数不能改成 2，至少要写 3"
    ):
        await ledger.publish(rules_with(rewards=[CUP | {"stock": 2}]))
    assert await everything(ledger) == before
    await ledger.publish(rules_with(rewards=[CUP | {"stock": 3}]))
    sold_out = await ledger.run(Redeem, await ledger.member(), reward="cup")
    assert sold_out.outcome.code == "out_of_stock"


async def test_of_two_at_once_one_wins(ledger: Ledger) -> None:
    async with ledger.rival() as rival:
        answers = await asyncio.gather(
            *(
                publish_test(engine, ledger, rules_with(welcome={"points": points}), 1)
                for points, engine in enumerate((ledger.engine, rival) * 4)
            ),
            return_exceptions=True,
        )
    assert sorted(str(type(answer).__name__) for answer in answers) == ["StaleBase"] * 7 + ["int"]
    assert await ledger.count("rule_version") == 2
    assert await ledger.count("wheel_round") == 1


async def test_the_next_batch_plays_by_the_new_rules_and_says_so(ledger: Ledger) -> None:
    """Also in an engine of another process that has long known the old ones."""
    one, two = await ledger.member(), await ledger.member()
    async with ledger.rival() as rival:
        first = await rival.run(CheckIn(member_id=one, request_key="1", at=ledger.clock.now()))
        version = await ledger.publish(rules_with(check_in={"points": 33}))
        second = await rival.run(CheckIn(member_id=two, request_key="1", at=ledger.clock.now()))
    assert isinstance(first.outcome, CheckedIn)
    assert isinstance(second.outcome, CheckedIn)
    assert (first.outcome.points, second.outcome.points, version) == (10, 33, 2)
    rows = await ledger.pool.fetch(
        "SELECT rule_version FROM receipt WHERE command = 'check_in' ORDER BY member_id"
    )
    assert [row["rule_version"] for row in rows] == [1, 2]


async def test_rules_wait_for_their_day_and_a_late_command_keeps_its_own(ledger: Ledger) -> None:
    member, late = await ledger.member(), await ledger.member()
    today = ledger.clock.now()
    tomorrow = today + timedelta(days=1)
    await publish(
        ledger.engine,
        rules_with(check_in={"points": 33}),
        base=1,
        effective_from=tomorrow,
        by="test",
        reason="tomorrow",
        urgent=True,
    )
    before = await ledger.run(CheckIn, member)
    ledger.clock.move_to(tomorrow - timedelta(microseconds=1))
    assert (await ledger.live()).version == 1
    ledger.clock.move_to(tomorrow)
    assert (await ledger.live()).version == 2
    after = await ledger.run(CheckIn, member)
    for anew in range(44, 49):
        ledger.clock.advance(1)
        await ledger.publish(rules_with(check_in={"points": anew}))
    overdue = await ledger.engine.run(CheckIn(member_id=late, request_key="late", at=today))
    points = [one.outcome.points for one in (before, after, overdue) if isinstance(one.outcome, CheckedIn)]
    assert points == [10, 33, 10]
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_a_command_cannot_speak_of_the_future(ledger: Ledger) -> None:
    member = await ledger.member()
    far = ledger.clock.now() + timedelta(days=40)
    decision = await ledger.engine.run(CheckIn(member_id=member, request_key="k", at=far))
    assert isinstance(decision.outcome, CheckedIn)
    assert decision.outcome.day == ledger.clock.now().astimezone(ledger.zone).date()


async def test_without_rules_nothing_runs(ledger: Ledger) -> None:
    await ledger.pool.execute("TRUNCATE rule_version")
    with pytest.raises(NoRulesPublished):
        await enroll(ledger.engine, Newcomer((("wx", "a"),), ledger.clock.now()))
    assert await ledger.count("receipt") == 0
    await publish_test(ledger.engine, ledger, rules_with(), 0)
    ledger.clock.advance(DAY_S)
    await ledger.engine.run_due_follow_ups(ledger.clock.now())
    assert await ledger.balance(1) == 100


async def test_a_new_wheel_opens_a_round_and_an_old_one_keeps_its_own(ledger: Ledger) -> None:
    demo = rules_with()
    second = demo.wheels[0].model_dump(mode="json") | {"id": "second"}
    before = await ledger.pool.fetchrow("SELECT * FROM wheel_round")
    await ledger.publish(rules_with(wheels=[demo.wheels[0].model_dump(mode="json"), second]))
    rows = await ledger.pool.fetch("SELECT * FROM wheel_round ORDER BY id")
    assert rows[0] == before
    assert [row["wheel"] for row in rows] == ["lucky", "second"]
    assert open_seed(rows[0], KEYS) != open_seed(rows[1], KEYS)


def test_the_demos_file_reads() -> None:
    rules = read_rules(DEMO_RULES)
    more = {
        name: part
        for name, part in rules.model_dump(mode="json").items()
        if name in {*MORE, "events", "earning"}
    }
    assert all(more.values())
    assert rules == rules_with(welcome={"points": 100, "at": "first_act"}, **more)
