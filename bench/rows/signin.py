"""Chat sign-ins through the whole stack, against pgbench writing the same rows, one member per transaction."""

from datetime import UTC, datetime
from typing import Any

from bench.baseline import CLIENTS, pgbench, sign_in_script
from bench.bench import MEMBERS, Bench
from bench.chat_answers import MAY_BE_STORED, SIGNED_IN
from bench.dataset import Dataset, checkpoint, one_value
from bench.errors import SignInsLost, WrongAnswers
from bench.load import generate, meter
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
    answers = check_in_count(dataset)
    facts = {
        "members": dataset.members,
        "answers": answers,
        "latency_ms": latencies[-1],
        "pgbench_simple_per_second": simple,
    }
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
    """Add one load of sign-ins to the series; returns the generator's result. Only answers 签到成功 count towards the rate.

    Raises WrongAnswers where nobody signed in or a response had another status than 200.
    """
    checkpoint(dataset)
    result, spent = generate(bench.ground, dataset, servers, "sign_ins", bench.size, rounds=rounds, **more)
    kinds: dict[str, int] = result["kinds"]
    if not kinds.get(SIGNED_IN) or any(kind.startswith("http_") for kind in kinds):
        raise WrongAnswers(f"{kinds}, {result['samples']}")
    dataset.chat_answers.update(kinds)
    series.add(result["per_second"], kinds[SIGNED_IN], spent)
    return result


def check_in_count(dataset: Dataset) -> dict[str, int]:
    """Compare the sign-ins in the database with the answers so far, and return the answers by kind.

    Each acknowledged sign-in must be stored; one that was promised a late reply, that failed, or whose answer was lost, may be.
    Raises SignInsLost where fewer are stored than were acknowledged, and WrongAnswers where more are than may be.
    """
    stored, answers = signed_in(dataset), dict(dataset.chat_answers)
    acknowledged = dataset.chat_answers[SIGNED_IN]
    may_be = sum(dataset.chat_answers[kind] for kind in MAY_BE_STORED)
    if stored < acknowledged:
        raise SignInsLost(f"{acknowledged} 次签到已告知成功，数据库里只有 {stored} 次；各种答复：{answers}")
    if stored > acknowledged + may_be:
        raise WrongAnswers(f"{stored} sign-ins stored, {acknowledged} acknowledged; answers: {answers}")
    return answers


def signed_in(dataset: Dataset) -> int:
    """How many sign-ins are stored since the members' history ended, whichever day the load ran into."""
    return one_value(dataset, "SELECT count(*) FROM check_in WHERE day > $1", dataset.history.last_day)
