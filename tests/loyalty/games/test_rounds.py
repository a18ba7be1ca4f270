"""Rounds: every draw is rolled by the table its round was committed to, whatever is published in between."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from base.clock import MovableClock
from loyalty.audit import audit
from loyalty.engine import load
from loyalty.engine.transactions import EngineUnavailable
from loyalty.games.commands import Draw
from loyalty.games.outcomes import Drawn, UnknownWheel
from loyalty.games.proofs import proof
from loyalty.games.views import draws, wheel_view
from loyalty.opening import open_engine
from loyalty.programme.publishing.draft import BackDated, StockBelowTaken
from loyalty.programme.publishing.publication import publish, put_in_force
from loyalty.programme.publishing.versions import scheduled
from loyalty.programme.rules import RuleSet
from loyalty.rewards.commands import Redeem
from loyalty.rewards.outcomes import Redeemed
from tasks.rules import put_rules_in_force
from tests.ledger import DAY_S, KEYS, Ledger, rules_with

REWARDS = rules_with().model_dump(mode="json")["rewards"]
LUCKY = rules_with().wheels[0].model_dump(mode="json")
TABLES = (
    "SELECT d.odds_version AS drawn_by, w.odds_version AS of_round, d.rule_version, w.id FROM draw d"
    " JOIN wheel_round w ON w.id = d.round_id"
)


def other_odds() -> RuleSet:
    """The demo's rules with another table on its wheel."""
    first, second, *others = LUCKY["prizes"]
    total = first["odds_ppm"] + second["odds_ppm"]
    turned = [first | {"odds_ppm": total - 1}, second | {"odds_ppm": 1}, *others]
    return rules_with(wheels=[LUCKY | {"prizes": turned}])


async def clean(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def drawn_by_one_table(ledger: Ledger) -> None:
    """The only draw is of its round's table, which is version 2's."""
    [row] = await ledger.pool.fetch(TABLES)
    assert (row["rule_version"], row["id"], row["drawn_by"]) == (2, 2, row["of_round"])
    await clean(ledger)


async def test_a_publication_between_rules_and_round(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    member, real, published = await ledger.member(), load.load_batch, 0

    async def slow(*what: Any) -> load.Loaded:
        nonlocal published
        if not published:
            published = await ledger.publish(other_odds())
        return await real(*what)

    monkeypatch.setattr("loyalty.engine.batch.load_batch", slow)
    decision = await ledger.run(Draw, member, wheel="lucky")
    assert isinstance(decision.outcome, Drawn)
    await drawn_by_one_table(ledger)


async def test_a_draw_that_comes_too_late_for_its_table_takes_effect_now(ledger: Ledger) -> None:
    member, asked_at = await ledger.member(), ledger.clock.now()
    ledger.clock.advance(5)
    await ledger.publish(other_odds())
    command = Draw(member_id=member, request_key="d", at=asked_at, wheel="lucky")
    decision = await ledger.engine.run(command)
    assert isinstance(decision.outcome, Drawn)
    await drawn_by_one_table(ledger)
    effective_at = await ledger.pool.fetchval("SELECT effective_at FROM receipt WHERE command = 'draw'")
    assert effective_at == ledger.clock.now()
    again = await ledger.engine.run(command)
    assert (again.outcome, again.replayed) == (decision.outcome, True)


async def test_a_late_draw_of_unchanged_odds_keeps_its_instant(ledger: Ledger) -> None:
    member, asked_at = await ledger.member(), ledger.clock.now()
    ledger.clock.advance(5)
    await ledger.publish(rules_with(welcome={"points": 1}))
    await ledger.engine.run(Draw(member_id=member, request_key="d", at=asked_at, wheel="lucky"))
    row = await ledger.pool.fetchrow("SELECT effective_at, rule_version FROM receipt WHERE command = 'draw'")
    assert tuple(row) == (asked_at, 1)


async def test_a_late_draw_on_a_wheel_that_is_gone(ledger: Ledger) -> None:
    member, asked_at = await ledger.member(), ledger.clock.now()
    ledger.clock.advance(5)
    await ledger.publish(rules_with(wheels=[]))
    answer = await ledger.engine.run(Draw(member_id=member, request_key="d", at=asked_at, wheel="lucky"))
    assert answer.outcome == UnknownWheel("lucky")


async def test_a_table_that_never_settles_is_told(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """As between two machines whose clocks disagree: nothing is drawn, and the caller hears it within a second or two."""

    async def of_no_use(_: asyncpg.Connection) -> int:
        return 1

    monkeypatch.setattr(ledger.engine.context.rules, "put_in_force", of_no_use)
    member = await ledger.member()
    await ledger.pool.execute("UPDATE wheel_round SET odds_version = 'x'")
    with pytest.raises(EngineUnavailable):
        await ledger.run(Draw, member, wheel="lucky")
    assert await ledger.count("draw") == 0


TAMPERED = [
    ("drawn by another table", "UPDATE wheel_round SET odds_version = 'x'"),
    ("drawn on another wheel", "UPDATE wheel_round SET wheel = 'x'"),
    ("drawn before it opened", "UPDATE wheel_round SET opened_at = opened_at + interval '1 hour'"),
    ("drawn after it closed", "UPDATE wheel_round SET closed_at = opened_at - interval '1 hour'"),
]


@pytest.mark.parametrize(("what", "statement"), TAMPERED)
async def test_the_audit_holds_draws_against_their_round(ledger: Ledger, what: str, statement: str) -> None:
    member = await ledger.member()
    await ledger.run(Draw, member, wheel="lucky")
    await clean(ledger)
    await ledger.pool.execute(statement)
    named = (await audit(ledger.pool, ledger.clock.now() + timedelta(minutes=1), KEYS)).violations
    found = {(one.invariant, one.member_id) for one in named}
    assert {("I18", member)} <= found <= {("I18", member), ("I18", None), ("I15", member)}, what


async def rounds(ledger: Ledger) -> list[tuple[str, bool, bool]]:
    """Each round's wheel, whether it is over, and whether its seed is revealed."""
    rows = await ledger.pool.fetch("SELECT wheel, closed_at, revealed_at FROM wheel_round ORDER BY id")
    return [(row["wheel"], row["closed_at"] is not None, row["revealed_at"] is not None) for row in rows]


async def test_a_wheel_that_goes_ends_its_round_and_shows_its_seed(ledger: Ledger) -> None:
    member = await ledger.member()
    await ledger.run(Draw, member, wheel="lucky")
    await ledger.publish(rules_with(wheels=[LUCKY | {"id": "second"}]))
    assert await rounds(ledger) == [("lucky", True, True), ("second", False, False)]
    [won] = await draws(member)
    shown = await proof(ledger.pool, member, won.id)
    assert shown is not None
    assert shown.server_seed is not None
    assert shown.revealed_at == ledger.clock.now()
    await ledger.publish(rules_with())
    assert await rounds(ledger) == [("lucky", True, True), ("second", True, True), ("lucky", False, False)]
    await clean(ledger)


SECOND = LUCKY | {"id": "second", "cost_points": 1}


async def tomorrow(ledger: Ledger, rules: RuleSet) -> int:
    """Publish for a day later; the version's number."""
    base = await ledger.count("rule_version")
    starts = ledger.clock.now() + timedelta(days=1)
    return await publish(
        ledger.engine, rules, base=base, effective_from=starts, by="test", reason="later", urgent=True
    )


async def test_a_version_for_later_turns_the_rounds_on_its_day(ledger: Ledger) -> None:
    """By the job. Until then nothing of it is seen; looking again changes nothing."""
    await tomorrow(ledger, rules_with(wheels=[SECOND]))
    assert await put_in_force(ledger.engine) == 1
    assert await rounds(ledger) == [("lucky", False, False)]
    ledger.clock.advance(DAY_S)
    for _ in range(3):
        assert await put_in_force(ledger.engine) == 2
    assert await rounds(ledger) == [("lucky", True, True), ("second", False, False)]


@pytest.mark.parametrize("wheels", [[SECOND], [SECOND, LUCKY]])
async def test_the_first_draw_opens_a_round_where_no_job_has_been(
    ledger: Ledger, wheels: list[dict[str, Any]]
) -> None:
    await tomorrow(ledger, rules_with(wheels=wheels))
    crowd = [await ledger.member() for _ in range(8)]
    ledger.clock.advance(DAY_S)
    live = await ledger.live()
    assert (
        await wheel_view(ledger.pool, crowd[0], live.rules.wheels[0], live, ledger.clock.now())
    ).commitment is None
    async with ledger.rival() as rival:
        answers = await asyncio.gather(
            *(
                engine.run(Draw(member_id=one, request_key="d", at=ledger.clock.now(), wheel="second"))
                for one, engine in zip(crowd, (ledger.engine, rival) * 4, strict=True)
            )
        )
    assert all(isinstance(answer.outcome, Drawn) for answer in answers)
    opened = [("second", False, False), ("lucky", False, False)][: len(wheels)]
    assert await rounds(ledger) == [("lucky", True, True), *opened]
    assert (
        await wheel_view(ledger.pool, crowd[0], live.rules.wheels[0], live, ledger.clock.now())
    ).round_id == 2
    await clean(ledger)


async def test_other_odds_for_later_leave_todays_draws_alone(ledger: Ledger) -> None:
    one, two = await ledger.member(), await ledger.member()
    await tomorrow(ledger, other_odds())
    await ledger.run(Draw, one, wheel="lucky")
    ledger.clock.advance(DAY_S)
    await ledger.run(Draw, two, wheel="lucky")
    rows = await ledger.pool.fetch(f"{TABLES} ORDER BY d.member_id")
    assert [(row["rule_version"], row["id"]) for row in rows] == [(1, 1), (2, 2)]
    assert [row["drawn_by"] == row["of_round"] for row in rows] == [True, True]
    await clean(ledger)


async def test_the_shelf_waits_for_its_day(ledger: Ledger) -> None:
    """Only what is new stands ready; more and fewer pieces come with the version, never fewer than were taken."""
    cup = {"id": "cup", "name": "杯子", "kind": "voucher", "price_points": 10, "stock": 5}
    mug, pen = cup | {"id": "mug"}, cup | {"id": "pen"}
    await ledger.publish(rules_with(rewards=[cup, mug]))
    await ledger.run(Redeem, await ledger.member(), reward="mug")
    later = rules_with(rewards=[cup | {"stock": 9}, mug | {"stock": 1}, pen])
    await tomorrow(ledger, later)
    await ledger.run(Redeem, await ledger.member(), reward="mug")
    items = "SELECT item, stocked FROM stock WHERE item = ANY($1::text[]) ORDER BY item"
    shelf = ["reward:cup", "reward:mug", "reward:pen"]
    assert [tuple(row) for row in await ledger.pool.fetch(items, shelf)] == [
        ("reward:cup", 5), ("reward:mug", 5), ("reward:pen", 5)
    ]  # fmt: skip
    ledger.clock.advance(DAY_S)
    bought = await ledger.run(Redeem, await ledger.member(), reward="pen")
    assert isinstance(bought.outcome, Redeemed)
    await put_in_force(ledger.engine)
    assert [tuple(row) for row in await ledger.pool.fetch(items, shelf)] == [
        ("reward:cup", 9), ("reward:mug", 2), ("reward:pen", 5)
    ]  # fmt: skip
    with pytest.raises(StockBelowTaken):
        await tomorrow(ledger, rules_with(rewards=[mug | {"stock": 1}]))
    await clean(ledger)


async def test_a_correction_comes_before_a_version_that_waits(ledger: Ledger) -> None:
    """It is in force until the waiting version's day; one published for the very same instant takes that one's place."""
    await tomorrow(ledger, rules_with(welcome={"points": 2}))
    starts = ledger.clock.now() + timedelta(days=1)
    assert await ledger.publish(rules_with(welcome={"points": 3}), until_replaced=True) == 3
    assert (await ledger.live()).version == 3
    assert await scheduled(ledger.pool, ledger.clock.now()) == [(2, starts)]
    await publish(
        ledger.engine,
        rules_with(welcome={"points": 4}),
        base=3,
        effective_from=starts,
        by="test",
        reason="instead",
        urgent=True,
    )
    ledger.clock.move_to(starts)
    assert (await ledger.live()).version == 4
    with pytest.raises(BackDated):
        await publish(
            ledger.engine,
            rules_with(),
            base=4,
            effective_from=starts - timedelta(seconds=1),
            by="test",
            reason="the past",
            urgent=True,
        )


async def test_the_worker_puts_a_version_in_force_and_keeps_it_there(ledger: Ledger) -> None:
    resources: Any = SimpleNamespace(engine=ledger.engine)
    await tomorrow(ledger, rules_with(wheels=[SECOND]))
    for _ in range(3):
        assert await put_rules_in_force(resources, ledger.clock.now()) == 1
    ledger.clock.advance(DAY_S)
    for _ in range(3):
        assert await put_rules_in_force(resources, ledger.clock.now()) == 2
    assert await rounds(ledger) == [("lucky", True, True), ("second", False, False)]


async def test_a_restock_that_a_slow_clock_took_back_is_brought_on_again(ledger: Ledger) -> None:
    """A version for later that changes stock alone, of a programme without wheels, leaves no mark of having taken effect."""
    await ledger.publish(rules_with(wheels=[]))
    slow = MovableClock(ledger.clock.now())
    cookies = [reward | {"stock": 77} if reward["stock"] else reward for reward in REWARDS]
    await tomorrow(ledger, rules_with(rewards=cookies, wheels=[]))
    ledger.clock.advance(DAY_S)
    resources: Any = SimpleNamespace(engine=ledger.engine)
    await put_rules_in_force(resources, ledger.clock.now())
    stocked = await ledger.pool.fetch("SELECT item, stocked FROM stock ORDER BY item")
    async with open_engine(ledger.pool, slow, ledger.zone, KEYS) as behind:
        await put_in_force(behind)
    assert await ledger.pool.fetch("SELECT item, stocked FROM stock ORDER BY item") != stocked
    await put_rules_in_force(resources, ledger.clock.now())
    assert await ledger.pool.fetch("SELECT item, stocked FROM stock ORDER BY item") == stocked


async def test_a_clock_that_is_behind_undoes_nothing(ledger: Ledger) -> None:
    """Two processes a second apart: the slow one's draws wait for its clock, and the round stays as it was opened."""
    member, slow = await ledger.member(), MovableClock(ledger.clock.now())
    ledger.clock.advance(3600)
    await ledger.publish(other_odds())
    opened = await ledger.pool.fetch("SELECT id, odds_version, closed_at FROM wheel_round ORDER BY id")
    async with open_engine(ledger.pool, slow, ledger.zone, KEYS) as behind:
        assert await put_in_force(behind) == 2
        with pytest.raises(EngineUnavailable):
            await behind.run(Draw(member_id=member, request_key="test:slow", at=slow.now(), wheel="lucky"))
    assert isinstance((await ledger.run(Draw, member, wheel="lucky")).outcome, Drawn)
    assert (
        await ledger.pool.fetch("SELECT id, odds_version, closed_at FROM wheel_round ORDER BY id") == opened
    )
    await drawn_by_one_table(ledger)
