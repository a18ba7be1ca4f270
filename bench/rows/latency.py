"""The latency of a chat sign-in with one client, and how much of it each part takes."""

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

MAX_PER_SECOND = 1_000
"""More sign-ins per second than one client can send one after the other."""


def measure(bench: Bench) -> Row:
    """The median comes from an ordinary server; the parts are means from one that times itself."""
    dataset = bench.dataset(MEMBERS)
    bench = replace(bench, size=replace(bench.size, connections=1))
    count = MAX_PER_SECOND * round(bench.size.seconds + bench.size.warm_s)
    with serving(bench.ground, dataset.name, workers=1) as servers:
        result = sign_in_run(bench, dataset, servers, Series(), rounds=4, count=count)
    parts = _watched(bench, dataset, count)
    facts = {"p99_ms": round(result["latency_ms"]["p99"], 2), **parts}
    return Row(
        "latency", "签到，只有一位会员在说话，中位数", result["latency_ms"]["p50"], unit="ms", facts=facts
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
        result = sign_in_run(bench, dataset, servers, Series(), rounds=4, count=count)
        spent = watched.stop()
    messages = result["answered"]
    per_message = {part: 1000 * seconds / messages for part, (_, seconds) in spent.items()}
    often = {part: times / messages for part, (times, _) in spent.items()}
    named = {part: round(ms, 3) for part, ms in per_message.items() if not part.startswith("sql: ")}
    statements = sorted(
        ([part.removeprefix("sql: "), round(often[part], 2), round(ms, 3)] for part, ms in per_message.items()
         if part.startswith("sql: ") and often[part] >= 0.01),
        key=lambda one: -one[2],
    )  # fmt: skip
    return {
        "watched_mean_ms": round(1000 * result["mean_s"], 3),
        "http_alone_ms": round(http["latency_ms"]["p50"], 3),
        "parts_ms": named,
        "statements": statements,
        "statements_ms": round(sum(one[2] for one in statements), 3),
    }
