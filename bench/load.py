"""Running the generator against servers and reading what it tells."""

import base64
import re
import time
from typing import Any

from bench.bench import GREATEST_RATE, Size
from bench.child import child
from bench.cpu import Meter
from bench.dataset import WHEEL, Dataset
from bench.errors import MembersUsedUp, WrongAnswers
from bench.ground import Ground, bench_settings
from bench.serving import Serving
from wechat.aes import decode_key, decrypt

SHORTEST_ANSWER = 64
"""An encrypted answer has hundreds of characters; `success` has seven."""


def meter(dataset: Dataset, servers: Serving | None = None) -> Meter:
    """CPU of PostgreSQL and the servers."""
    return Meter({"postgres": [dataset.postmaster]} | ({"server": list(servers.pids)} if servers else {}))


def generate(
    ground: Ground, dataset: Dataset, servers: Serving, kind: str, size: Size, *, rounds: int, **more: Any
) -> tuple[dict[str, Any], dict[str, float]]:
    """Load the servers with `kind` of requests once; what the generator tells, and the CPU seconds by kind of process.

    `rounds`: how many such loads the dataset must last for. Raises MembersUsedUp and ChildFailed.
    """
    length_s = size.warm_s + size.seconds
    wanted = int(length_s * (more.get("rate") or GREATEST_RATE)) + size.connections
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
        told = generator.result()
    spent["generator"] = told["cpu_s"]
    dataset.took(kind, plan["first"] + told["sent"])
    return told, spent


def plan_of(ground: Ground, dataset: Dataset, kind: str, count: int) -> dict[str, Any]:
    """What the generator needs to make `count` requests of members not yet met."""
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


def check_answers(told: dict[str, Any], status: int) -> None:
    """Every answer had this status and none was cut short or lost. Raises WrongAnswers."""
    good = told["statuses"].get(str(status), 0)
    if good != told["answered"] or told["short"] or told["lost"]:
        raise WrongAnswers(f"{told['statuses']}, {told['short']} short, {told['lost']} lost")


def chat_text(plan: dict[str, Any], answer: str) -> str:
    """The words of one kept answer, decrypted. Raises WrongAnswers and PushForged."""
    body = base64.b64decode(answer).decode()
    sealed = re.search(r"<Encrypt><!\[CDATA\[(.+?)\]\]></Encrypt>", body)
    if not sealed:
        raise WrongAnswers(body[:200])
    return decrypt(decode_key(plan["aes_key"]), plan["app_id"], sealed[1]).decode()
