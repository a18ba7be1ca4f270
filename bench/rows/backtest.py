"""A back-test over purchases that the engine booked: the time for a million of them, and the memory at its peak."""

from dataclasses import replace
from typing import Final

from bench.bench import Bench, Size
from bench.calls import engine_run
from bench.child import child
from bench.dataset import Spec
from bench.errors import WrongAnswers
from bench.ground import bench_settings, environment
from bench.measure import Row, Series
from bench.serving import WORKERS

BAR_S: Final = 180.0
MOST_MIB: Final = 1024
MILLION: Final = 1_000_000
BUYERS: Final = "buyers"
ORDERS_EACH: Final = 20
"""The orders of a buyer, besides a welcome and three sign-ins."""


def datasets(size: Size) -> tuple[Spec, ...]:
    """Buyers, few enough that their orders are booked within minutes."""
    return (Spec(BUYERS, 1_000 if size.quick else min(size.members, 10_000)),)


def measure(bench: Bench) -> Row:
    """The seconds for a million commands: the start, and a million by the rate after it, which does not depend on the number.

    Raises WrongAnswers if a member could not be decided, or if the memory passed its own bar.
    """
    dataset, booked = bench.dataset(BUYERS), Series()
    bench.say(f"记 {dataset.members * ORDERS_EACH:,} 笔消费")
    size = replace(bench.size, warm_s=0.0)
    bought = engine_run(
        bench.ground, dataset, "purchase", size, booked, count=dataset.members * ORDERS_EACH // WORKERS
    )
    bench.say("重放")
    plan = {"settings": environment(bench_settings(bench.ground, dataset.name)), "days": 30}
    with child("backtesting", plan) as backtesting:
        backtesting.start()
        result = backtesting.result()
    bench.drop(BUYERS)
    if result["stopped"] or result["receipts"] < bought or result["peak_mib"] > MOST_MIB:
        raise WrongAnswers(f"{bought} purchases, {result}")
    facts = {"purchases": bought} | {name: value for name, value in result.items() if name != "stopped"}
    if not result["per_second"]:
        raise WrongAnswers(f"{bought} purchases are too few pages for {result['processes']} processes")
    seconds = result["begins_s"] + MILLION / result["per_second"]
    return Row("backtest", "试算一百万条", seconds, BAR_S, unit="s", at_most=True, facts=facts)
