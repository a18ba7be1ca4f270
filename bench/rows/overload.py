"""The tail latency of chat replies below the greatest load, and the replies above it.

Requests are due at even intervals, whether or not earlier ones were answered.
"""

import json
from typing import Any

from bench.bench import MEMBERS, Bench
from bench.cpu import family, peak_mib
from bench.dataset import Dataset, checkpoint
from bench.load import generate
from bench.measure import Row, Series
from bench.rows.signin import sign_in_run, signed_in
from bench.serving import Serving, same_answers, serving

BAR = 1.0
BELOW, BEYOND = 0.7, 3.0
CONNECTIONS = 8_000
"""WeChat opens as many as it needs; a due request without an idle connection waits, and its latency includes the wait."""

WECHAT = json.dumps({"errcode": 0, "errmsg": "ok", "access_token": "bench", "expires_in": 7200})
"""WeChat's response to a request for a token and to a late reply."""


def measure(bench: Bench) -> Row:
    """The greatest load is the rate of a closed loop with 256 connections, measured just before."""
    dataset = bench.dataset(MEMBERS)
    with (
        same_answers(WECHAT) as wechat,
        serving(bench.ground, dataset.name, wechat=f"http://127.0.0.1:{wechat.port}") as servers,
    ):
        greatest = Series()
        for _ in range(min(3, bench.size.rounds)):
            sign_in_run(bench, dataset, servers, greatest, rounds=8)
        bench.say(f"最大负载每秒 {greatest.median:.0f} 次")
        below = _open_loop(bench, dataset, servers, BELOW * greatest.median)
        before = signed_in(dataset)
        beyond = _open_loop(bench, dataset, servers, BEYOND * greatest.median)
        beyond["signed_in"] = signed_in(dataset) - before
        peak = max(peak_mib(process.pid) for process in family(servers.pids[0]))
    facts = {
        "greatest_per_second": round(greatest.median, 1),
        "p99_ms_at_70_percent": round(below["latency_ms"]["p99"], 1),
        "p50_ms_at_70_percent": round(below["latency_ms"]["p50"], 1),
        "within_5_s_at_70_percent": below["within_5_s"],
        "at_three_times": {name: beyond[name] for name in ("kinds", "latency_ms", "sent", "signed_in")},
        "server_peak_mib": round(peak, 1),
    }
    return Row("overload", "三倍于最大负载时 5 秒内的答复", beyond["within_5_s"], BAR, unit="", facts=facts)


def _open_loop(bench: Bench, dataset: Dataset, servers: Serving, rate: float) -> dict[str, Any]:
    checkpoint(dataset)
    result, _ = generate(
        bench.ground, dataset, servers, "sign_ins", bench.size, rounds=1, rate=rate, connections=CONNECTIONS
    )
    return result
