"""Postings in bulk by one worker's sweep: the lapse of points, against the first pgbench rate.

There is no import yet; it would take the same path.
"""

from bench.bench import MEMBERS, Bench, Size, main_dataset
from bench.child import child
from bench.dataset import Dataset, Spec, checkpoint
from bench.ground import bench_settings, environment
from bench.load import meter
from bench.measure import Row, Series, ratio
from bench.rows.signin import baseline_run

BAR = 4.0
LAPSED = "lapsed"
MOST_PER_SECOND = 20_000
"""Members are made for so many a second; a faster machine runs out of them and is measured over less time."""


def datasets(size: Size) -> tuple[Spec, ...]:
    """Members enough for all rounds, but no more than twice those of the main dataset."""
    wanted = int(size.rounds * size.seconds * MOST_PER_SECOND)
    return (main_dataset(size), Spec(LAPSED, min(wanted, 2 * size.members), lapsed=True))


def measure(bench: Bench) -> Row:
    """Members whose every point has lapsed and is not booked, worked off by the nightly job itself."""
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
    """One sweep, added to the series; whether nothing is left. Each begins cold, as the nightly one does."""
    settings = bench_settings(bench.ground, dataset.name)
    plan = {"settings": environment(settings), "seconds": bench.size.seconds}
    checkpoint(dataset)
    with child("booking", plan) as booking, meter(dataset).measuring() as spent:
        booking.start()
        told = booking.result()
    del spent["generator"]
    spent["worker"] = told["cpu_s"]
    series.add(told["per_second"], told["booked"], spent)
    return bool(told["done"])
