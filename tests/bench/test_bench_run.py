"""`jifen bench` as an operator runs it, small: servers of its own, figures on standard output, nothing left behind."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from bench.bench import Bench, Size
from bench.errors import WrongAnswers
from bench.measure import Row
from bench.measures import Measure
from bench.run import run_bench

SMALL = ("--members", "60000", "--seconds", "1", "--json", "--only")


def bench(folder: Path, measures: str, timeout_s: float) -> "subprocess.CompletedProcess[str]":
    """A small run of these measures, begun in `folder`."""
    return subprocess.run(
        [sys.executable, "-m", "runtime.cli", "bench", *SMALL, measures],
        env=os.environ | {"JIFEN_DATA_DIR": str(folder / "var")},
        cwd=folder, capture_output=True, text=True, check=False, timeout=timeout_s,
    )  # fmt: skip


@pytest.mark.soak
def test_a_run_measures_says_so_and_clears_up(tmp_path: Path) -> None:
    ran = bench(tmp_path, "signin,draws,bulk,me,overload", timeout_s=900)
    assert ran.returncode == 0, ran.stderr
    result = json.loads(ran.stdout)
    assert [row["name"] for row in result["rows"]] == ["signin", "draws", "bulk", "me", "overload"]
    for row in result["rows"][:4]:
        assert row["value"] > 0, row
        assert row["ours"]["per_second"] > 0
        assert row["baseline"]["cpu_us"]["postgres"] >= 0
    assert result["rows"][4]["facts"]["greatest_per_second"] > 0
    assert result["settings"]["fsync"] == "on"
    left = {one.name for one in (tmp_path / "var" / "bench").iterdir()}
    assert not left & {"postgres", "postgres-location", "run"}, "a database was left behind"


def test_an_unknown_measure_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    ran = bench(tmp_path, "speed", timeout_s=60)
    assert ran.returncode == 1
    assert "speed" in ran.stderr
    assert not (tmp_path / "var").exists()


def measured(bench: Bench) -> Row:
    """A measure that needs nothing."""
    return Row("measured", f"测量 {bench.size.rounds}", 2.0, 1.0)


def wrong(bench: Bench) -> Row:
    """A measure whose answers were wrong."""
    raise WrongAnswers("419 answers were others")


def interrupted(bench: Bench) -> Row:
    """A measure during which the operator presses Ctrl-C."""
    raise KeyboardInterrupt


@pytest.fixture
def sigterm() -> Iterator[None]:
    """The handler of SIGTERM is put back afterwards, because a run sets its own."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("sigterm")
def test_a_failed_measure_leaves_the_rows_of_the_others(tmp_path: Path) -> None:
    size = Size.of(quick=True, members=None, seconds=None)
    told = Console(file=io.StringIO())
    measures = [
        Measure("wrong", wrong, lambda _: ()),
        Measure("measured", measured, lambda _: ()),
        Measure("interrupted", interrupted, lambda _: ()),
        Measure("after", measured, lambda _: (), alone=True),
    ]
    result = run_bench(tmp_path / "bench", size, measures, told)
    assert [row["name"] for row in result["rows"]] == ["measured"]
    assert [(one["name"], one["error"]) for one in result["failed"]] == [
        ("wrong", "WrongAnswers"),
        ("interrupted", "Interrupted"),
        ("after", "Interrupted"),
    ]
    with pytest.raises(WrongAnswers, match="419"):
        run_bench(tmp_path / "bench", size, measures[:1], told)
