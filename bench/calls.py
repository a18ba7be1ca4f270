"""Runs processes whose callers run commands through the engine (`bench/calling.py`), and adds up what they did."""

import time
from contextlib import ExitStack
from typing import Any

from bench.bench import Size
from bench.child import child
from bench.dataset import WHEEL, Dataset, checkpoint
from bench.errors import MembersUsedUp, WrongAnswers
from bench.ground import Ground, bench_settings, environment
from bench.load import meter
from bench.measure import Series
from bench.serving import WORKERS

CALLERS = 512


def engine_run(
    ground: Ground, dataset: Dataset, command: str, size: Size, series: Series, **more: Any
) -> int:
    """Run one load of a command in WORKERS processes, and add it to the series; returns how many were accepted.

    Raises WrongAnswers if a command was refused. `more` goes into the children's plan.
    """
    settings = bench_settings(ground, dataset.name)
    plan = {
        "settings": environment(settings), "members": dataset.members, "wheel": WHEEL, "callers": CALLERS,
        "command": command, "salt": time.time_ns() // 1_000_000, "processes": WORKERS, "seconds": size.seconds,
        "warm_s": size.warm_s, **more,
    }  # fmt: skip
    checkpoint(dataset)
    with ExitStack() as stack:
        children = [
            stack.enter_context(child("calling", plan | {"process": number})) for number in range(WORKERS)
        ]
        with meter(dataset).measuring() as spent:
            for one in children:
                one.start()
            result = [one.result() for one in children]
    answered = sum(one["answered"] for one in result)
    if answered != sum(one["asked"] for one in result):
        raise WrongAnswers(f"{command}: {result}")
    spent["engine"] = sum(one["cpu_s"] for one in result)
    del spent["generator"]
    series.add(sum(one["per_second"] for one in result), answered, spent)
    return int(answered)


def fresh_share(dataset: Dataset, what: str, rounds: int) -> tuple[int, int]:
    """The first of the members that `what` uses next, and how many commands each process may run so that none is used twice.

    Raises MembersUsedUp.
    """
    share = min(dataset.members // rounds, dataset.left(what))
    if share < WORKERS:
        raise MembersUsedUp(f"{dataset.members} 位会员都已用完，没有人可测了；请用更大的 --members。")
    return dataset.take(what, share), share // WORKERS
