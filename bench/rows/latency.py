"""One member at a time: how long a chat sign-in takes when nobody else is there, and where the time goes."""

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.bench import MEMBERS, Bench
from bench.child import child
from bench.dataset import Dataset
from bench.ground import bench_settings, environment
from bench.load import generate
from bench.measure import Row, Series
from bench.rows.signin import sign_in_run
from bench.serving import Serving, free_port, serving, wait_until_listening

MOST_PER_SECOND = 1_000
"""More sign-ins one client cannot have answered one after the other."""


def measure(bench: Bench) -> Row:
    """The median is that of the server as it is; the parts are of one that watches itself, and are means."""
    dataset = bench.dataset(MEMBERS)
    bench = replace(bench, size=replace(bench.size, connections=1))
    count = MOST_PER_SECOND * round(bench.size.seconds + bench.size.warm_s)
    with serving(bench.ground, dataset.name, workers=1) as servers:
        told = sign_in_run(bench, dataset, servers, Series(), rounds=4, count=count)
    parts = _watched(bench, dataset, count)
    facts = {"p99_ms": round(told["latency_ms"]["p99"], 2), **parts}
    return Row(
        "latency", "签到，只有一位会员在说话，中位数", told["latency_ms"]["p50"], unit="ms", facts=facts
    )


def _watched(bench: Bench, dataset: Dataset, count: int) -> dict[str, Any]:
    settings = bench_settings(bench.ground, dataset.name)
    port = free_port()
    with child("watched", {"port": port, "settings": environment(settings)}) as watched:
        watched.start()
        servers = Serving(port, (watched.pid,))
        wait_until_listening(servers, 1, Path(os.devnull))
        warm = replace(bench, size=replace(bench.size, seconds=0.5, warm_s=0.0))
        sign_in_run(warm, dataset, servers, Series(), rounds=4, count=count)
        http, _ = generate(bench.ground, dataset, servers, "pings", warm.size, rounds=1)
        os.kill(watched.pid, signal.SIGUSR1)
        told = sign_in_run(bench, dataset, servers, Series(), rounds=4, count=count)
        spent = watched.stop()
    messages = told["answered"]
    per_message = {part: 1000 * seconds / messages for part, (_, seconds) in spent.items()}
    often = {part: times / messages for part, (times, _) in spent.items()}
    named = {part: round(ms, 3) for part, ms in per_message.items() if not part.startswith("sql: ")}
    statements = sorted(
        ([part.removeprefix("sql: "), round(often[part], 2), round(ms, 3)] for part, ms in per_message.items()
         if part.startswith("sql: ") and often[part] >= 0.01),
        key=lambda one: -one[2],
    )  # fmt: skip
    return {
        "watched_mean_ms": round(1000 * told["mean_s"], 3),
        "http_alone_ms": round(http["latency_ms"]["p50"], 3),
        "parts_ms": named,
        "statements": statements,
        "statements_ms": round(sum(one[2] for one in statements), 3),
    }
