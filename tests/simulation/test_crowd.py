"""A crowd from a seed against the real engine: every answer, entry and balance foretold by the second ledger."""

import pytest

from loyalty.entries import SENTENCES
from loyalty.features import FEATURES
from tests.simulation import apart
from tests.simulation.deeds import Plan
from tests.simulation.plan import SHAPES, make_plan
from tests.simulation.play import Failure, Played, Table, play
from tests.simulation.shrink import Shrinker, only, report

SEEDS = [
    ("cold", 1), ("cold", 2), ("few", 3), ("few", 4), ("shelf", 5), ("shelf", 6), ("months", 7), ("wreck", 8),
]  # fmt: skip
SMALL = [("months", 3)]
SOAK_SEEDS = [(shape, seed) for seed in range(100, 116) for shape in SHAPES]
ALWAYS = {"checked_in", "already_checked_in", "drawn", "redeemed", "not_enough_points", "out_of_stock", "draw_limit_reached",
          "cancelled", "not_cancellable", "unknown_wheel", "unknown_reward"}  # fmt: skip
EVERYDAY = {"nothing_due", "idempotency_key_reused", "already_done", "referral_bound", "referral_too_late", "not_referred",
            "unknown_member", "day_passed"}  # fmt: skip
TOLD = {
    "cold": (ALWAYS | EVERYDAY) - {"cancelled"},
    "few": ALWAYS | EVERYDAY | {"account_closed"},
    "shelf": ALWAYS,
    "months": ALWAYS | EVERYDAY | {"booked", "woken_up"},
    "wreck": ALWAYS | EVERYDAY | {"unknown", "account_closed"},
}
"""What a crowd of each shape is sure to hear, or its plan has gone stale. Among two thousand people three have a voucher to cancel,
and a fault may keep all three from it.
"""


RARE = {"points_revived", "forfeited", "deduction_captured"}
"""The reasons that only some crowds write: points must lapse, and somebody come within two days, or stay away for months; or a till
must confirm before the clock jumps beyond the minutes of a hold.
"""
IN_FEATURES = {reason for feature in FEATURES for reason in feature.words} - apart.REASONS - RARE
WRITTEN = {"shelf": {"check_in", "draw", "prize", "redeem", "cancel"}}
"""The reasons that a crowd is sure to write: where nothing is said, all that the features have sentences for."""


async def play_or_shrink(table: Table, plan: Plan, test: str) -> Played:
    """Play; a failure is cut down and told with its seed."""
    try:
        return await play(table, plan)
    except Failure as failure:
        shrinker = Shrinker(plan, failure, lambda part: failing(table, part))
        await shrinker.shrink()
        node = f"tests/simulation/test_crowd.py::{test}[{plan.shape}-{plan.seed}]"
        again = f'.venv/bin/python -m pytest -m "" "{node}"'
        raise AssertionError(report(plan, failure, shrinker, again)) from failure


async def failing(table: Table, plan: Plan) -> Failure | None:
    """How the plan fails, if it does."""
    try:
        await play(table, plan)
    except Failure as failure:
        return failure
    return None


async def crowd(table: Table, shape: str, seed: int, deeds: list[int], test: str) -> Played | None:
    plan = make_plan(shape, seed)
    if deeds:
        await play_or_shrink(table, only(plan, deeds), test)
        return None
    played = await play_or_shrink(table, plan, test)
    print(f"{shape} {seed}: {played}")
    assert played.commands >= SHAPES[shape].commands
    assert played.struck > 0
    assert played.audits >= 2
    assert played.reasons <= SENTENCES.keys()
    return played


@pytest.mark.parametrize(("shape", "seed"), SMALL)
async def test_small_crowd(table: Table, shape: str, seed: int, deeds: list[int]) -> None:
    """A short run for the inner loop; every reason that it writes has its Chinese sentence."""
    plan = make_plan(shape, seed, 1500)
    played = await play_or_shrink(table, only(plan, deeds) if deeds else plan, "test_small_crowd")
    assert deeds or {"welcome", "check_in", "redeem", "lapsed"} <= played.reasons
    assert played.reasons <= SENTENCES.keys()


@pytest.mark.slow
@pytest.mark.parametrize(("shape", "seed"), SEEDS)
async def test_crowd(table: Table, shape: str, seed: int, deeds: list[int]) -> None:
    played = await crowd(table, shape, seed, deeds, "test_crowd")
    if played is not None:
        assert played.told.keys() >= TOLD[shape]
        assert played.reasons >= WRITTEN.get(shape, IN_FEATURES)


@pytest.mark.soak
@pytest.mark.parametrize(("shape", "seed"), SOAK_SEEDS)
async def test_big_crowd(table: Table, shape: str, seed: int, deeds: list[int]) -> None:
    await crowd(table, shape, seed, deeds, "test_big_crowd")


def test_there_are_enough_commands() -> None:
    assert sum(SHAPES[shape].commands for shape, _ in SEEDS) >= 100_000
    assert sum(SHAPES[shape].commands for shape, _ in SOAK_SEEDS) >= 1_000_000
