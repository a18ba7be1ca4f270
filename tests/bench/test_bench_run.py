"""`jifen bench` as an operator runs it, small: servers of its own, figures on standard output, nothing left behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
