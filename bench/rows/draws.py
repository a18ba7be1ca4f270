"""Draws on one hot wheel with limited stock: the engine in two processes, against pgbench with one member per transaction."""

import time
from contextlib import ExitStack
from datetime import UTC, datetime

from bench.baseline import CLIENTS, draw_script, pgbench
from bench.bench import MEMBERS, Bench
from bench.child import child
from bench.dataset import WHEEL, Dataset, checkpoint, one_value
from bench.errors import WrongAnswers
from bench.ground import bench_settings, environment
from bench.load import check_answers, generate, meter
from bench.measure import Row, Series, ratio
from bench.serving import WORKERS
from bench.template import draw

BAR = 3.0
CALLERS = 512
OPEN_ROUND = "SELECT id FROM wheel_round WHERE wheel = $1 AND closed_at IS NULL"


def measure(bench: Bench) -> Row:
    """Every draw takes a piece of the same prize, so all contend for one row of `stock`."""
    size, dataset = bench.size, bench.dataset(MEMBERS)
    ours, baseline, http = Series(), Series(), Series()
    for number in range(size.rounds):
        bench.say(f"抽奖 {number + 1}/{size.rounds}")
        _baseline_run(bench, dataset, baseline)
        _engine_run(bench, dataset, ours)
    for _ in range(1 if size.quick else size.rounds):
        checkpoint(dataset)
        result, spent = generate(bench.ground, dataset, bench.servers(), "draws", size, rounds=size.rounds)
        check_answers(result, 201)
        http.add(result["per_second"], result["answered"], spent)
        dataset.note("drawn", result["answered"])
    _count(dataset)
    facts = {"callers": WORKERS * CALLERS, "http": http.as_json()}
    return Row(
        "draws", "抽奖，同一个转盘", ratio(ours, baseline), BAR, ours=ours, baseline=baseline, facts=facts
    )


def _baseline_run(bench: Bench, dataset: Dataset, series: Series) -> None:
    programme = dataset.programme
    step = draw(dataset.history, programme.rules, programme.zone, datetime.now(UTC), WHEEL)
    text = draw_script(step, programme.rules.wheels[0])
    checkpoint(dataset)
    written = pgbench(
        dataset.url, text, bench.size.seconds, meter(dataset), each=dataset.members // CLIENTS,
        start=dataset.taken.get("pgbench_draws", 0), round=one_value(dataset, OPEN_ROUND, WHEEL),
    )  # fmt: skip
    dataset.take("pgbench_draws", 2 * written.transactions // CLIENTS + 1_000)
    dataset.note("drawn", written.transactions)
    series.add(written.per_second, written.transactions, written.cpu_s)


def _engine_run(bench: Bench, dataset: Dataset, series: Series) -> None:
    size = bench.size
    settings = bench_settings(bench.ground, dataset.name)
    plan = {
        "settings": environment(settings), "members": dataset.members, "wheel": WHEEL, "callers": CALLERS,
        "salt": time.time_ns() // 1_000_000, "processes": WORKERS, "seconds": size.seconds, "warm_s": size.warm_s,
    }  # fmt: skip
    checkpoint(dataset)
    with ExitStack() as stack:
        children = [
            stack.enter_context(child("drawing", plan | {"process": number})) for number in range(WORKERS)
        ]
        with meter(dataset).measuring() as spent:
            for one in children:
                one.start()
            result = [one.result() for one in children]
    answered = sum(one["answered"] for one in result)
    if answered != sum(one["asked"] for one in result):
        raise WrongAnswers(f"draws: {result}")
    dataset.note("drawn", answered)
    spent["engine"] = sum(one["cpu_s"] for one in result)
    del spent["generator"]
    series.add(sum(one["per_second"] for one in result), answered, spent)


def _count(dataset: Dataset) -> None:
    """Raise WrongAnswers unless each acknowledged draw is stored, and each stored one that won took a piece."""
    stored = one_value(dataset, "SELECT count(*) FROM draw WHERE took_stock")
    taken = one_value(dataset, "SELECT sum(taken)::bigint FROM stock")
    drawn = dataset.acknowledged.get("drawn", 0)
    lost_luck = one_value(dataset, "SELECT count(*) FROM draw WHERE NOT took_stock")
    if not (stored == taken and stored + lost_luck == drawn):
        raise WrongAnswers(f"{drawn} draws acknowledged, {stored} + {lost_luck} stored, {taken} pieces taken")
