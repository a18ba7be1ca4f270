"""Bulk posting by one worker's sweep: the lapse of points, against pgbench's rate of sign-ins."""

from bench.bench import MEMBERS, Bench, Size, main_dataset
from bench.child import child
from bench.dataset import Dataset, Spec, checkpoint
from bench.ground import bench_settings, environment
from bench.load import meter
from bench.measure import Row, Series, ratio
from bench.rows.signin import baseline_run

BAR = 4.0
LAPSED = "lapsed"
MAX_PER_SECOND = 20_000
"""The dataset has members for this many per second; a faster machine runs out of them and is measured over less time."""


def datasets(size: Size) -> tuple[Spec, ...]:
    """Members enough for all rounds, but no more than twice those of the main dataset."""
    wanted = int(size.rounds * size.seconds * MAX_PER_SECOND)
    return (main_dataset(size), Spec(LAPSED, min(wanted, 2 * size.members), lapsed=True))


def measure(bench: Bench) -> Row:
    """The nightly job itself books members whose points have all lapsed."""
    size = bench.size
    dataset = bench.dataset(LAPSED)
    ours, baseline = Series(), Series()
    done = False
    for number in range(size.rounds):
        if not done:
            bench.say(f"到期 {number + 1}/{size.rounds}")
            baseline_run(bench, bench.dataset(MEMBERS), baseline)
            done = _sweep_run(bench, dataset, ours)
    bench.drop(LAPSED)
    facts = {"members": dataset.members, "kind": "expire"}
    return Row(
        "bulk", "批量记账（到期）", ratio(ours, baseline), BAR, ours=ours, baseline=baseline, facts=facts
    )


def _sweep_run(bench: Bench, dataset: Dataset, series: Series) -> bool:
    """Add one sweep to the series; returns whether nothing is left. Each starts in a new process, as the worker's does."""
    settings = bench_settings(bench.ground, dataset.name)
    plan = {"settings": environment(settings), "seconds": bench.size.seconds}
    checkpoint(dataset)
    with child("booking", plan) as booking, meter(dataset).measuring() as spent:
        booking.start()
        result = booking.result()
    del spent["generator"]
    spent["worker"] = result["cpu_s"]
    series.add(result["per_second"], result["booked"], spent)
    return bool(result["done"])
