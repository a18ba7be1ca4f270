"""Chat sign-ins through the whole stack, against pgbench writing the same rows, one member per transaction."""

from datetime import UTC, datetime
from typing import Any

from bench.baseline import CLIENTS, pgbench, sign_in_script
from bench.bench import MEMBERS, Bench
from bench.dataset import Dataset, checkpoint, one_value, today
from bench.errors import WrongAnswers
from bench.load import chat_text, check_answers, generate, meter, plan_of
from bench.measure import Row, Series, ratio
from bench.serving import Serving
from bench.template import sign_in

BAR = 1.0


def measure(bench: Bench) -> Row:
    """Safe mode, two server processes, 256 connections, the load generator on the same machine."""
    size, dataset = bench.size, bench.dataset(MEMBERS)
    ours, baseline = Series(), Series()
    latencies: list[dict[str, float]] = []
    servers = bench.servers()
    for number in range(size.rounds):
        bench.say(f"签到 {number + 1}/{size.rounds}")
        baseline_run(bench, dataset, baseline)
        latencies.append(sign_in_run(bench, dataset, servers, ours, rounds=size.rounds)["latency_ms"])
    simple = None if size.quick else baseline_run(bench, dataset, Series(), mode="simple")
    check_in_count(dataset)
    facts = {"members": dataset.members, "latency_ms": latencies[-1], "pgbench_simple_per_second": simple}
    return Row(
        "signin", "聊天签到，整条链路", ratio(ours, baseline), BAR, ours=ours, baseline=baseline, facts=facts
    )


def baseline_run(bench: Bench, dataset: Dataset, series: Series, *, mode: str = "prepared") -> float:
    """Add one run of pgbench to the series; returns its rate."""
    programme = dataset.programme
    step = sign_in(dataset.history, programme.rules, programme.zone, datetime.now(UTC))
    text = sign_in_script(step)
    start, each = dataset.take("pgbench", 0), dataset.members // CLIENTS
    checkpoint(dataset)
    written = pgbench(
        dataset.url, text, bench.size.seconds, meter(dataset), mode=mode, each=each, start=start
    )
    dataset.take(
        "pgbench", 2 * written.transactions // CLIENTS + 1_000
    )  # some clients are faster than others
    series.add(written.per_second, written.transactions, written.cpu_s)
    return written.per_second


def sign_in_run(
    bench: Bench, dataset: Dataset, servers: Serving, series: Series, *, rounds: int, **more: Any
) -> dict[str, Any]:
    """Add one load of sign-ins to the series; returns the generator's result. Raises WrongAnswers."""
    checkpoint(dataset)
    result, spent = generate(bench.ground, dataset, servers, "sign_ins", bench.size, rounds=rounds, **more)
    check_answers(result, 200)
    plan = plan_of(bench.ground, dataset, "none", 0)
    for answer in result["kept"]:
        if "签到成功" not in chat_text(plan, answer):
            raise WrongAnswers(chat_text(plan, answer))
    dataset.note("signed_in", result["answered"])
    series.add(result["per_second"], result["answered"], spent)
    return result


def check_in_count(dataset: Dataset) -> None:
    """Raise WrongAnswers unless the database has one sign-in of today for each acknowledged one."""
    stored, acknowledged = signed_in(dataset), dataset.acknowledged.get("signed_in", 0)
    if stored != acknowledged:
        raise WrongAnswers(f"{stored} sign-ins stored, {acknowledged} acknowledged")


def signed_in(dataset: Dataset) -> int:
    """How many members have signed in today."""
    return one_value(dataset, "SELECT count(*) FROM check_in WHERE day >= $1", today(dataset.programme.zone))
