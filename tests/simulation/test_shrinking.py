"""A second ledger with a mistake built in disagrees with the engine, and the plan that shows it shrinks to a few deeds."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from loyalty.engine.command import Command
from tests.loyalty.games import second_ledger as games
from tests.simulation import prediction, predictions, second_ledger
from tests.simulation.deeds import Ask, Atom, Join, Jump, Kind, Mode, Plan
from tests.simulation.plan import SHAPES, make_plan
from tests.simulation.play import Table
from tests.simulation.second_ledger import Sheet, gone_on
from tests.simulation.shrink import Shrinker, only, report
from tests.simulation.test_crowd import failing

pytestmark = pytest.mark.slow

PATIENCE_S = 60
"""Three times what a crowd gets: other tests keep the processors busy, and here the shrinking itself is tested."""

COMMANDS = 4000
IN_LINE: dict[Kind, int] = {"line": 1}
"""Deeds of a race come in another order each time, and a mistake shows only in some; here the same deeds must fail each time."""


def last_to_lapse_first(sheet: Sheet) -> list[date]:
    return sorted(sheet.lots, reverse=True)


def a_month_late(earned: date, months: int | None) -> date:
    return gone_on(earned, None if months is None else months + 1)


def any_candidate(prizes: tuple[Any, ...], number: int) -> Any:
    return prizes[number % len(prizes)]


def no_choice(command: Command) -> tuple[object, ...]:
    return ()


MISTAKES: list[tuple[str, Any, str, Any, int, str]] = [
    ("months", Sheet, "spending_order", last_to_lapse_first, 6, "lots"),
    ("months", prediction, "gone_on", a_month_late, 3, "entry"),
    ("few", games, "on_table", any_candidate, 4, "receipt"),
    ("months", predictions, "chosen", no_choice, 5, "RequestKeyReused"),
]
"""Shape of the crowd, the mistake, how many deeds may be left, and a word of what is then said."""


@pytest.mark.parametrize(("shape", "where", "name", "mistake", "most", "word"), MISTAKES)
async def test_a_mistake_is_found_and_shrunk(
    table: Table, monkeypatch: pytest.MonkeyPatch, shape: str, where: Any, name: str, mistake: Any, most: int,
    word: str,
) -> None:  # fmt: skip
    monkeypatch.setitem(SHAPES, shape, replace(SHAPES[shape], modes=IN_LINE))
    plan = make_plan(shape, 17, COMMANDS)
    assert await failing(table, make_plan(shape, 17, 200)) is None
    monkeypatch.setattr(where, name, mistake)
    failure = await failing(table, plan)
    assert failure is not None
    shrinker = Shrinker(plan, failure, lambda part: failing(table, part), PATIENCE_S)
    kept = await shrinker.shrink()
    text = report(plan, failure, shrinker, "pytest")
    assert len(kept) <= most, text
    assert f"shape {shape}, seed 17" in text
    assert f"--deeds {','.join(map(str, kept))}" in text
    assert word in str(shrinker.error)
    assert await failing(table, only(plan, kept)) is not None
    monkeypatch.undo()
    assert await failing(table, only(plan, kept)) is None


def test_the_same_seed_makes_the_same_plan() -> None:
    assert make_plan("few", 5) == make_plan("few", 5)
    assert make_plan("few", 5).atoms != make_plan("few", 6).atoms


async def test_a_failure_that_does_not_come_again_keeps_all_its_deeds() -> None:
    async def never(plan: Plan) -> None:
        return None

    atoms = (Atom(1, Join(0)), Atom(2, Jump(60)), Atom(3, Ask(0, "check_in", 1, 0)))
    plan = Plan("few", 1, atoms, {1: Mode()})
    assert await Shrinker(plan, AssertionError("once"), never).shrink() == [0, 1, 2]


def test_days_and_lots_of_the_second_ledger() -> None:
    assert second_ledger.gone_on(date(2026, 1, 31), 1) == date(2026, 3, 1)
    assert second_ledger.gone_on(date(2025, 12, 1), 12) == date(2027, 1, 1)
    assert second_ledger.gone_on(date(2026, 11, 5), 1) == date(2027, 1, 1)
    assert second_ledger.gone_on(date(2026, 11, 5), None) == date(9999, 12, 31)
