"""Runs the load generator against servers and checks its result."""

import time
from typing import Any

from bench.bench import MAX_RATE, Size
from bench.child import child
from bench.cpu import CpuMeter
from bench.dataset import WHEEL, Dataset
from bench.errors import MembersUsedUp, WrongAnswers
from bench.ground import Ground, bench_settings
from bench.serving import Serving

SHORTEST_ANSWER = 64
"""An encrypted reply has hundreds of characters, `success` has seven."""


def meter(dataset: Dataset, servers: Serving | None = None) -> CpuMeter:
    """CPU of PostgreSQL and the servers."""
    return CpuMeter({"postgres": [dataset.postmaster]} | ({"server": list(servers.pids)} if servers else {}))


def generate(
    ground: Ground, dataset: Dataset, servers: Serving, kind: str, size: Size, *, rounds: int, **more: Any
) -> tuple[dict[str, Any], dict[str, float]]:
    """Send one load of requests of a `kind`; returns the generator's result, and CPU seconds by kind of process.

    `rounds`: for how many such loads the dataset's members must suffice. Raises MembersUsedUp and ChildFailed.
    """
    length_s = size.warm_s + size.seconds
    wanted = int(length_s * (more.get("rate") or MAX_RATE)) + size.connections
    repeats = kind in ("visits", "pings")
    wanted = more.pop("count", wanted)
    count = wanted if repeats else min(wanted, dataset.members // rounds, dataset.left(kind))
    if count < 1:
        raise MembersUsedUp(
            f"{dataset.members} 位会员都已用完，没有人可测了；请用更大的 --members，或用 --only 单独测这一项。"
        )
    plan = plan_of(ground, dataset, kind, count) | {
        "port": servers.port,
        "connections": size.connections,
        "seconds": size.seconds,
        "warm_s": size.warm_s,
        **more,
    }
    with child("generator", plan) as generator, meter(dataset, servers).measuring() as spent:
        generator.start()
        result = generator.result()
    spent["generator"] = result["cpu_s"]
    dataset.set_taken(kind, plan["first"] + result["sent"])
    return result, spent


def plan_of(ground: Ground, dataset: Dataset, kind: str, count: int) -> dict[str, Any]:
    """The generator's plan for `count` requests of members not yet used."""
    settings = bench_settings(ground, dataset.name)
    if not (settings.oa_token and settings.oa_encoding_aes_key):
        raise ValueError("no token or key")
    return {
        "kind": kind,
        "first": dataset.take(kind, count),
        "count": count,
        "members": dataset.members,
        "salt": time.time_ns() // 1_000_000 % 10_000_000 * 100_000_000,
        "app_id": settings.oa_app_id,
        "token": settings.oa_token.get_secret_value(),
        "aes_key": settings.oa_encoding_aes_key.get_secret_value(),
        "wheel": WHEEL,
        "short_below": SHORTEST_ANSWER,
    }


def check_answers(result: dict[str, Any], status: int) -> None:
    """Raise WrongAnswers unless every response had this status and none was too short or lost."""
    good = result["statuses"].get(str(status), 0)
    if good != result["answered"] or result["short"] or result["lost"]:
        raise WrongAnswers(f"{result['statuses']}, {result['short']} short, {result['lost']} lost")
