"""The baseline of the ratios: pgbench writes the same rows statement by statement, one member per transaction."""

import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.cpu import CpuMeter
from bench.errors import BaselineFailed
from bench.template import Step
from embedded.binaries import psql
from loyalty.checkin.rows import CHECK_INS
from loyalty.earning.rows import PURCHASES
from loyalty.engine.registry import facts_of
from loyalty.games.rule import Wheel

CLIENTS, THREADS = 32, 2
SCRIPTS = Path(__file__).parent / "scripts"


@dataclass(frozen=True)
class Written:
    """The result of pgbench: transactions per second, their number, failed ones, CPU seconds by kind of process."""

    per_second: float
    transactions: int
    failed: int
    cpu_s: dict[str, float]


def sign_in_script(step: Step) -> str:
    """The script of sign-ins that write what `step` wrote."""
    return _script("sign_in", step, streak=str(step.wallet.writes.of(CHECK_INS)[0][1]))


def import_script(step: Step) -> str:
    """The script of imported lines that write what `step` wrote."""
    return _script("import", step)


def draw_script(step: Step, wheel: Wheel) -> str:
    """The script of draws that write what `step` wrote, a draw of the wheel's first prize."""
    prize, cost = wheel.prizes[0], step.entries[0].facts
    return _script(
        "draw", step, wheel=wheel.id, prize=prize.id, prize_name=prize.name, level=prize.level,
        cost=str(wheel.cost_points), cost_detail=json.dumps(cost.detail, ensure_ascii=False), odds_version=wheel.odds_version,
    )  # fmt: skip


def event_script(step: Step) -> str:
    """The script of purchases that write what `step` wrote."""
    bought = step.wallet.writes.of(PURCHASES)[0]
    return _script("event", step, terms=bought.terms, amount_fen=str(bought.amount_fen))


def _script(name: str, step: Step, **more: str) -> str:
    """One of our scripts with the values that the engine wrote for `step`, so that rows have the same size.

    No value may contain a colon before a letter, because pgbench would take it for a variable. Raises ValueError.
    """
    entry = step.entries[-1].facts
    values = {
        "facts": json.dumps(
            json.loads(facts_of(step.outcome)), ensure_ascii=False
        ),  # `:null` would be a variable
        "trace": re.sub(r":(?=[^\W\d])", ";", json.dumps(json.loads(step.trace), ensure_ascii=False)),
        "detail": json.dumps(entry.detail, ensure_ascii=False),
        "points": str(entry.amount),
        "expires_on": str(entry.expires_on),
        "opens_on": str(next(iter(step.wallet.lots)).opens_on),
        **more,
    }
    if wrong := [name for name, value in values.items() if re.search(r":[^\W\d]", value)]:
        raise ValueError(f"{wrong} would be read as variables")
    text = (SCRIPTS / f"{name}.sql").read_text(encoding="utf-8")
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]].replace("'", "''"), text)


def pgbench(
    database_url: str, text: str, seconds: float, meter: CpuMeter, *, mode: str = "prepared", **variables: int
) -> Written:
    """Run the script from CLIENTS connections for whole seconds. Raises BaselineFailed."""
    words: list[Any] = [
        psql().parent / "pgbench",
        "--client", CLIENTS, "--jobs", THREADS, "--no-vacuum", "--time", max(1, round(seconds)), "--protocol", mode,
        "--define", f"client_count={CLIENTS}", "--define", "done=0",
    ]  # fmt: skip
    for name, value in variables.items():
        words += ["--define", f"{name}={value}"]
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(text)
        file.flush()
        with meter.measuring() as spent:
            ran = subprocess.run(  # noqa: S603  # the wheel's own program
                [str(word) for word in [*words, "--file", file.name, database_url]],
                capture_output=True,
                text=True,
                check=False,
            )
    output = {
        name: re.search(pattern, ran.stdout)
        for name, pattern in (
            ("tps", r"tps = ([\d.]+)"),
            ("done", r"transactions actually processed: (\d+)"),
            ("failed", r"failed transactions: (\d+)"),
        )
    }
    if ran.returncode or not output["tps"] or not output["done"] or "aborted" in ran.stderr:
        raise BaselineFailed(ran.stderr[-2000:])
    failed = output["failed"]
    return Written(float(output["tps"][1]), int(output["done"][1]), int(failed[1]) if failed else 0, spent)
