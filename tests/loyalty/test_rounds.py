"""Rounds: every draw is rolled by the table its round was committed to, whatever is published in between."""

from datetime import timedelta
from typing import Any

import pytest

from jifen.loyalty import load
from jifen.loyalty.audit import audit
from jifen.loyalty.commands import Draw
from jifen.loyalty.outcomes import Drawn, UnknownWheel
from jifen.loyalty.rules import RuleSet
from jifen.loyalty.transactions import EngineUnavailable
from tests.ledger import Ledger, rules_with

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
    assert (await audit(ledger.pool, ledger.clock.now())).violations == []


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

    monkeypatch.setattr(load, "load_batch", slow)
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
    await ledger.pool.execute("UPDATE wheel_round SET closed_at = $1", ledger.clock.now())
    answer = await ledger.engine.run(Draw(member_id=member, request_key="d", at=asked_at, wheel="lucky"))
    assert answer.outcome == UnknownWheel("lucky")


async def test_a_table_that_never_settles_is_told(ledger: Ledger) -> None:
    """A round that no publication opened: nothing is drawn, and the caller hears it within a second or two."""
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
    named = (await audit(ledger.pool, ledger.clock.now() + timedelta(minutes=1))).violations
    assert {(one.invariant, one.member_id) for one in named} == {("I18", member)}, what
