"""Observed draws against published odds (D05): a fair source is never called unfair however often one looks."""

import asyncio
from itertools import product
from math import exp, inf, log, prod
from random import Random
from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.games import fairness
from loyalty.games.commands import Draw
from loyalty.numbers.alerts import alerts
from loyalty.numbers.goodness import LIMIT, PPM, evidence
from loyalty.numbers.odds import FAIR, NOBODY_YET, UNFAIR, odds_tables
from loyalty.numbers.rebuild import rebuild
from loyalty.programme.rules import RuleSet
from tasks.numbers import watch_odds
from tests.ledger import DAY_S, KEYS, ZONE, Ledger, rules_with
from tests.loyalty.numbers.counting import count_all
from tests.loyalty.worlds import today

ODDS = {"a": 10_000, "b": 390_000, "c": 600_000}
WHEELS = [
    (500_000, 500_000),
    (10_000, 390_000, 600_000),
    (1, 999, 99_000, 900_000),
    (1_000, 2_000, 7_000, 30_000, 60_000, 100_000, 300_000, 500_000),
]


def wheel_of(odds: dict[str, int], name: str = "转盘") -> RuleSet:
    prizes = [
        {"id": prize, "slot": slot, "name": f"奖{prize}", "level": "奖", "kind": "none", "odds_ppm": ppm}
        for slot, (prize, ppm) in enumerate(odds.items())
    ]
    return rules_with(
        wheels=[{"id": "lucky", "name": name, "cost_points": 0, "draws_per_day": 1000, "prizes": prizes}]
    )


def test_the_weight_of_evidence_has_mean_one_while_the_odds_are_true() -> None:
    """What makes any number of looks safe, by all sequences of six draws."""
    odds = (100_000, 300_000, 600_000)
    mean = sum(
        prod(odds[one] / PPM for one in drawn) * exp(evidence(odds, [drawn.count(one) for one in range(3)]))
        for drawn in product(range(3), repeat=6)
    )
    assert mean == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("odds", WHEELS, ids=len)
def test_a_fair_source_is_never_called_unfair(odds: tuple[int, ...]) -> None:
    """Many programmes, each looked at after every hundred of its 10,000 draws: 10,000 looks at each table."""
    worst = -inf
    for seed in range(100):
        dice, drawn = Random(seed), [0] * len(odds)  # noqa: S311  # a test's dice
        for _ in range(100):
            for one in dice.choices(range(len(odds)), odds, k=100):
                drawn[one] += 1
            worst = max(worst, evidence(odds, drawn))
    assert worst < LIMIT
    assert worst < log(10_000), "a hundred programmes come this near about once in a hundred"


BIASED: list[tuple[str, tuple[int, ...], tuple[int, ...], int]] = [
    ("a main prize half as likely as said", (10_000, 990_000), (5_000, 995_000), 30_000),
    ("a main prize that never comes", (10_000, 990_000), (0, 1_000_000), 3_000),
    ("three percent taken from the small prize", (300_000, 700_000), (270_000, 730_000), 20_000),
    ("two prizes exchanged", (100_000, 200_000, 700_000), (200_000, 100_000, 700_000), 1_000),
    ("always the best", (1_000, 999_000), (1_000_000, 0), 10),
]


@pytest.mark.parametrize(("what", "said", "true", "draws"), BIASED, ids=[one[0] for one in BIASED])
def test_a_biased_source_is_found(
    what: str, said: tuple[int, ...], true: tuple[int, ...], draws: int
) -> None:
    for seed in range(5):
        chosen = Random(seed).choices(range(len(said)), true, k=draws)  # noqa: S311  # a test's dice
        assert evidence(said, [chosen.count(one) for one in range(len(said))]) >= LIMIT, what


def test_what_cannot_come_and_what_always_comes() -> None:
    assert evidence((0, 1_000_000), (1, 0)) == inf
    assert evidence((0, 1_000_000), (0, 5_000)) == pytest.approx(0)
    assert evidence((500_000, 500_000), (0, 0)) == pytest.approx(0)


async def counted(ledger: Ledger) -> None:
    ledger.clock.advance(60)
    await count_all(ledger)


async def watched(ledger: Any) -> int:
    """What the job tells on a ledger, which has all that it needs of a server's resources."""
    return await watch_odds(ledger, ledger.clock.now())


async def test_d05_counts_are_those_of_the_draws_by_table_of_odds(ledger: Ledger) -> None:
    await ledger.publish(wheel_of(ODDS))
    member = await ledger.member()
    for _ in range(2):
        await ledger.run(Draw, member, wheel="lucky", count=30)
    (table,) = await odds_tables(ledger.pool, (await ledger.live()).rules)
    assert (table.draws, table.sentence) == (0, NOBODY_YET)
    await counted(ledger)
    (table,) = await odds_tables(ledger.pool, (await ledger.live()).rules)
    drawn = dict(await ledger.pool.fetch("SELECT candidate, count(*) FROM draw GROUP BY candidate"))
    assert {line.prize: line.drawn for line in table.lines} == {one: drawn.get(one, 0) for one in ODDS}
    assert [round(line.expected, 1) for line in table.lines] == [0.6, 23.4, 36.0]
    assert (table.draws, table.since, table.sentence, table.is_live) == (60, today(ledger), FAIR, True)
    await ledger.publish(wheel_of(ODDS, "改了名的转盘"))
    renamed, before = await odds_tables(ledger.pool, (await ledger.live()).rules)
    assert (renamed.draws, before.draws, before.name, before.is_live) == (0, 60, "转盘", False)
    ledger.clock.advance(DAY_S)
    await ledger.run(Draw, member, wheel="lucky", count=7)
    await counted(ledger)
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []
    rebuilt = await rebuild(ledger.pool, ledger.clock.now(), ZONE)
    assert set(rebuilt.different.values()) == {0}
    assert [one.draws for one in await odds_tables(ledger.pool, (await ledger.live()).rules)] == [7, 60]
    await ledger.pool.execute("UPDATE daily_fact SET times = times + 1 WHERE flow = 'rolled'")
    await ledger.pool.execute("UPDATE minute_fact SET times = times + 1 WHERE flow = 'rolled'")
    found = (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations
    assert any("rolls, the draws" in one.detail for one in found), found


async def test_d05_a_biased_source_is_told_once(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    await ledger.publish(wheel_of(ODDS))
    member = await ledger.member()
    await ledger.run(Draw, member, wheel="lucky", count=20)
    await counted(ledger)
    assert await watched(ledger) == 0
    with monkeypatch.context() as patch:
        patch.setattr(fairness, "roll", lambda *_: 0)  # always the rarest prize
        await ledger.run(Draw, member, wheel="lucky", count=10)
    await counted(ledger)
    both = await asyncio.gather(*(watched(ledger) for _ in range(2)))
    assert sum(both) == 1
    (table,) = await odds_tables(ledger.pool, (await ledger.live()).rules)
    assert (table.sentence, table.told) == (UNFAIR, today(ledger))
    first = today(ledger)
    ledger.clock.advance(DAY_S)
    await ledger.run(Draw, member, wheel="lucky", count=500)
    await counted(ledger)
    assert await watched(ledger) == 0
    (alert,) = await alerts(ledger.pool, first, today(ledger))
    assert (alert.kind, alert.found) == ("odds", 30)
    assert "抽了 30 次，实际中奖与公布的概率不符" in alert.sentence
    (table,) = await odds_tables(ledger.pool, (await ledger.live()).rules)
    assert table.sentence == UNFAIR, "what was once told stays, however many fair draws follow"
    assert await watched(ledger) == 0
