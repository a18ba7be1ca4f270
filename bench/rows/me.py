"""`GET /api/v1/me`, against a handler that returns constant bytes: the share of aiohttp's rate that the look-up leaves."""

import base64
from dataclasses import replace
from typing import Any

from bench.bench import MEMBERS, Bench
from bench.dataset import Dataset
from bench.load import check_answers, generate
from bench.measure import Row, Series, ratio
from bench.serving import WORKERS, Serving, same_answers

BAR = 0.35
VISITORS = 5_000
"""The members whose requests repeat. A first visit of the day also writes; the sign-ins include that cost."""


def measure(bench: Bench) -> Row:
    """Both sides have the same number of processes, the same generator, and responses of the same length."""
    size, dataset = bench.size, bench.dataset(MEMBERS)
    ours, baseline = Series(), Series()
    servers = bench.servers()
    short = replace(bench, size=replace(size, seconds=1.0, warm_s=0.0))
    first = _run(short, dataset, servers, Series())
    answer = base64.b64decode(first["kept"][0])
    with same_answers("x" * len(answer), WORKERS) as bare:
        for number in range(size.rounds):
            bench.say(f"我的积分 {number + 1}/{size.rounds}")
            _run(bench, dataset, bare, baseline)
            _run(bench, dataset, servers, ours)
    facts = {"visitors": VISITORS, "answer_bytes": len(answer)}
    return Row("me", "GET /api/v1/me", ratio(ours, baseline), BAR, ours=ours, baseline=baseline, facts=facts)


def _run(bench: Bench, dataset: Dataset, servers: Serving, series: Series) -> dict[str, Any]:
    result, spent = generate(
        bench.ground,
        dataset,
        servers,
        "visits",
        bench.size,
        rounds=1,
        visitors=min(VISITORS, dataset.members),
    )
    check_answers(result, 200)
    series.add(result["per_second"], result["answered"], spent)
    return result
