"""A scheduled version that is withdrawn never takes effect; whatever races with it, the books agree with the versions in force."""

import asyncio
from datetime import timedelta

import pytest

from base.clock import MovableClock
from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import CheckedIn
from loyalty.directory import Directory
from loyalty.opening import open_engine
from loyalty.programme.publishing.draft import StaleBase, Unchanged, WouldBeReplaced
from loyalty.programme.publishing.history import history
from loyalty.programme.publishing.publication import publish, put_in_force
from loyalty.programme.publishing.versions import newest, scheduled
from loyalty.programme.publishing.withdrawal import NotWithdrawn, UnknownVersion, withdraw
from tests.ledger import DAY_S, KEYS, Ledger, rules_with

HOUR_S = 3600


async def clean(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def withdraw_test(ledger: Ledger, version: int) -> None:
    await withdraw(ledger.engine, version, by="test", reason="test")


async def rows(ledger: Ledger) -> list[str | None]:
    """All rows of versions and withdrawals."""
    return [
        await ledger.pool.fetchval(f"SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM {table} t")  # noqa: S608  # our own names
        for table in ("rule_version", "rule_withdrawal", "stock", "wheel_round")
    ]


async def test_a_withdrawn_version_never_takes_effect_anywhere(ledger: Ledger) -> None:
    """Not for the engine, for a visitor, for the job, or for a late command; and it leaves a trace."""
    member = await ledger.member(wx="ming")
    await ledger.publish(rules_with(check_in={"points": 33}, wheels=[]), in_s=DAY_S)
    await withdraw_test(ledger, 2)
    assert await scheduled(ledger.pool, ledger.clock.now()) == []
    ledger.clock.advance(2 * DAY_S)
    assert await put_in_force(ledger.engine) == 1
    assert await ledger.pool.fetchval("SELECT wheel FROM wheel_round WHERE closed_at IS NULL") == "lucky"
    signed_in = await ledger.run(CheckIn, member)
    assert isinstance(signed_in.outcome, CheckedIn)
    assert signed_in.outcome.points == 10
    late = CheckIn(
        member_id=await ledger.member(), request_key="late", at=ledger.clock.now() - timedelta(hours=30)
    )
    booked = await ledger.engine.run(late)
    assert isinstance(booked.outcome, CheckedIn)
    assert booked.outcome.points == 10
    arrival = await Directory(ledger.pool, ledger.zone).arrival("wx", "ming", ledger.clock.now())
    assert arrival.live is not None
    assert arrival.live.version == 1
    [second, first] = await history(ledger.pool, ledger.clock.now())
    assert (second.state, second.withdrawal_reason, first.state) == ("withdrawn", "test", "in_force")
    await clean(ledger)


async def test_what_cannot_be_withdrawn_is_refused_and_nothing_moves(ledger: Ledger) -> None:
    await ledger.publish(rules_with(welcome={"points": 2}), in_s=DAY_S)
    before = await rows(ledger)
    with pytest.raises(UnknownVersion):
        await withdraw_test(ledger, 9)
    with pytest.raises(NotWithdrawn, match="已经生效"):
        await withdraw_test(ledger, 1)
    ledger.clock.advance(DAY_S - 59)
    with pytest.raises(NotWithdrawn, match="马上就要生效"):
        await withdraw_test(ledger, 2)
    ledger.clock.advance(59)
    with pytest.raises(NotWithdrawn, match="已经生效"):
        await withdraw_test(ledger, 2)
    assert await rows(ledger) == before


async def test_of_many_withdrawals_at_once_one_is_stored(ledger: Ledger) -> None:
    await ledger.publish(rules_with(welcome={"points": 2}), in_s=DAY_S)
    async with ledger.rival() as rival:
        ended = await asyncio.gather(
            *(
                withdraw(engine, 2, by="test", reason=f"reason {number}")
                for number, engine in enumerate((ledger.engine, rival) * 4)
            ),
            return_exceptions=True,
        )
    assert sorted(type(one).__name__ for one in ended) == ["NoneType"] + ["NotWithdrawn"] * 7
    assert await ledger.count("rule_withdrawal") == 1


async def test_a_process_ahead_that_has_put_it_in_force_wins(ledger: Ledger) -> None:
    """Another machine's clock is two minutes ahead and has turned the rounds: here the version is as good as in force."""
    await ledger.publish(rules_with(wheels=[]), in_s=100)
    behind = MovableClock(ledger.clock.now())
    ledger.clock.advance(120)
    assert await put_in_force(ledger.engine) == 2
    before = await rows(ledger)
    async with open_engine(ledger.pool, behind, ledger.zone, KEYS) as engine:
        with pytest.raises(NotWithdrawn, match="已经生效"):
            await withdraw(engine, 2, by="test", reason="test")
    assert await rows(ledger) == before


async def test_a_withdrawn_version_is_no_base_and_its_number_is_not_given_again(ledger: Ledger) -> None:
    await ledger.publish(rules_with(welcome={"points": 2}), in_s=DAY_S)
    await withdraw_test(ledger, 2)
    assert await newest(ledger.pool) == 1
    before = await rows(ledger)
    with pytest.raises(StaleBase, match="第 2 版已经撤回，请在第 1 版上重新修改"):
        await publish(ledger.engine, rules_with(welcome={"points": 3}), base=2, by="test", reason="test")
    with pytest.raises(StaleBase, match="没有第 7 版规则"):
        await publish(ledger.engine, rules_with(welcome={"points": 3}), base=7, by="test", reason="test")
    assert await rows(ledger) == before
    assert await ledger.publish(rules_with(welcome={"points": 3})) == 3
    assert (await ledger.live()).version == 3


async def test_a_publication_that_a_waiting_version_would_undo_is_refused(ledger: Ledger) -> None:
    """Seen: version 2 planned for Monday, a correction today as version 3; on Monday the correction was gone, without a word."""
    await ledger.publish(rules_with(welcome={"points": 2}), in_s=2 * DAY_S)
    before = await rows(ledger)
    correction = rules_with(welcome={"points": 3})
    for in_s in (0, DAY_S):
        with pytest.raises(WouldBeReplaced, match="第 2 版（2026-03-04 10:00 起生效）"):
            await ledger.publish(correction, in_s=in_s)
    assert await rows(ledger) == before
    await withdraw_test(ledger, 2)
    await ledger.publish(correction)
    ledger.clock.advance(3 * DAY_S)
    assert (await ledger.live()).rules.welcome.points == 3


async def test_one_published_for_the_same_instant_or_later_is_not_undone(ledger: Ledger) -> None:
    await ledger.publish(rules_with(welcome={"points": 2}), in_s=DAY_S)
    await ledger.publish(rules_with(welcome={"points": 3}), in_s=DAY_S)
    await ledger.publish(rules_with(welcome={"points": 4}), in_s=2 * DAY_S)
    states = {one.version: one.state for one in await history(ledger.pool, ledger.clock.now())}
    assert states == {1: "in_force", 2: "replaced", 3: "scheduled", 4: "scheduled"}
    assert [version for version, _ in await scheduled(ledger.pool, ledger.clock.now())] == [3, 4]


async def test_a_withdrawal_brings_back_the_version_it_had_replaced(ledger: Ledger) -> None:
    """Two versions for one instant: when the second is withdrawn, the first takes effect again, and history says so."""
    await ledger.publish(rules_with(welcome={"points": 2}), in_s=DAY_S)
    await ledger.publish(rules_with(welcome={"points": 3}), in_s=DAY_S)
    await withdraw_test(ledger, 3)
    assert [version for version, _ in await scheduled(ledger.pool, ledger.clock.now())] == [2]
    ledger.clock.advance(DAY_S)
    assert await put_in_force(ledger.engine) == 2


async def test_an_unchanged_rule_set_is_not_published(ledger: Ledger) -> None:
    """Unless another version is in force by the day it is for."""
    before = await rows(ledger)
    for in_s in (0, DAY_S):
        with pytest.raises(Unchanged, match="和第 1 版完全一样"):
            await ledger.publish(rules_with(), in_s=in_s)
    assert await rows(ledger) == before
    await ledger.publish(rules_with(welcome={"points": 2}), in_s=DAY_S)
    assert await ledger.publish(rules_with(), in_s=2 * DAY_S) == 3


@pytest.mark.parametrize(
    "damage",
    [
        "INSERT INTO rule_withdrawal VALUES (1, '2999-01-01', now(), 'x', 'x')",
        "INSERT INTO rule_withdrawal VALUES (9, '2999-01-01', now(), 'x', 'x')",
    ],
)
async def test_the_audit_names_a_withdrawal_of_what_was_in_force(ledger: Ledger, damage: str) -> None:
    await ledger.member()
    await clean(ledger)
    await ledger.pool.execute(damage)
    assert {one.invariant for one in (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations} == {
        "I15"
    }


async def test_withdrawals_race_with_publications_and_sign_ins(ledger: Ledger) -> None:
    """Twenty versions a minute apart, each withdrawn by a rival while members sign in and the clock passes them one by one."""
    for number in range(20):
        await ledger.publish(rules_with(check_in={"points": 20 + number}), in_s=HOUR_S + number * 40)
    members = [await ledger.member() for _ in range(20)]
    ledger.clock.advance(HOUR_S - 90)
    async with ledger.rival() as rival:
        for number, member in enumerate(members):
            ended, *_ = await asyncio.gather(
                withdraw(rival, number + 2, by="test", reason="race"),
                ledger.run(CheckIn, member),
                put_in_force(ledger.engine),
                return_exceptions=True,
            )
            assert ended is None or isinstance(ended, NotWithdrawn)
            ledger.clock.advance(47)
    assert 0 < await ledger.count("rule_withdrawal") < 20
    await clean(ledger)
