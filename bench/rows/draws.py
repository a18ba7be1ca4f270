"""Draws on one hot wheel with limited stock: the engine in two processes, against pgbench with one member per transaction."""

from datetime import UTC, datetime

from bench.baseline import CLIENTS, draw_script, pgbench
from bench.bench import MEMBERS, Bench
from bench.calls import CALLERS, engine_run
from bench.dataset import WHEEL, Dataset, checkpoint, one_value
from bench.errors import WrongAnswers
from bench.load import check_answers, generate, meter
from bench.measure import Row, Series, ratio
from bench.serving import WORKERS
from bench.template import draw

BAR = 3.0
OPEN_ROUND = "SELECT id FROM wheel_round WHERE wheel = $1 AND closed_at IS NULL"


def measure(bench: Bench) -> Row:
    """Every draw takes a piece of the same prize, so all contend for one row of `stock`."""
    size, dataset = bench.size, bench.dataset(MEMBERS)
    ours, baseline, http = Series(), Series(), Series()
    for number in range(size.rounds):
        bench.say(f"抽奖 {number + 1}/{size.rounds}")
        _baseline_run(bench, dataset, baseline)
        dataset.note("drawn", engine_run(bench.ground, dataset, "draw", size, ours))
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


def _count(dataset: Dataset) -> None:
    """Raise WrongAnswers unless each acknowledged draw is stored, and each stored one that won took a piece."""
    stored = one_value(dataset, "SELECT count(*) FROM draw WHERE took_stock")
    taken = one_value(dataset, "SELECT sum(taken)::bigint FROM stock")
    drawn = dataset.acknowledged.get("drawn", 0)
    lost_luck = one_value(dataset, "SELECT count(*) FROM draw WHERE NOT took_stock")
    if not (stored == taken and stored + lost_luck == drawn):
        raise WrongAnswers(f"{drawn} draws acknowledged, {stored} + {lost_luck} stored, {taken} pieces taken")
