"""`/metrics` of real processes: all of them together, exact, bounded, and with nothing of anybody in it."""

import platform
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from base import gauges
from runtime.metrics import FILE_BYTES, FILES, share_metrics
from tests.runtime.program import Program, answers, running

pytestmark = pytest.mark.slow

WORD = re.compile(r"[a-z0-9_+.Inf-]{1,40}")
Sample = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scrape(program: Program) -> Sample:
    """Every sample shown now, by name and labels."""
    with urllib.request.urlopen(program.metrics_url, timeout=5) as answer:  # noqa: S310  # http on this machine
        text = answer.read().decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(program: Program, name: str, **labels: str) -> float | None:
    """One sample; None when it is not shown."""
    return scrape(program).get((name, frozenset(labels.items())))


def processes(program: Program) -> set[str]:
    """Which processes are shown."""
    shown = scrape(program)
    return {
        dict(labels)["process"] for name, labels in shown if name == "jifen_process_resident_memory_bytes"
    }


def healthy(program: Program) -> float:
    """How many responses outside the entry points are counted."""
    return value(program, "jifen_http_seconds_count", entry_point="other", status="200") or 0.0


def data_files(program: Program) -> list[Path]:
    return sorted(Path(program.settings["DATA_DIR"], "metrics").glob("*.db"))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, given: dict[str, str]) -> Iterator[Program]:
    with running(tmp_path_factory.mktemp("pair"), "serve", "--workers", "2", **given) as program:
        program.wait_children(2)
        yield program


def ask(program: Program, times: int) -> None:
    for _ in range(times):
        assert answers(f"{program.url}/healthz")


def test_the_version_is_shown(pair: Program) -> None:
    labels = {"version": version("jifen"), "python": platform.python_version()}
    assert value(pair, "jifen_build_info", **labels) == 1


def test_all_processes_are_shown_together(pair: Program, tmp_path: Path, given: dict[str, str]) -> None:
    before = healthy(pair)
    ask(pair, 40)
    assert healthy(pair) == before + 40
    shared = given | {"DATA_DIR": pair.settings["DATA_DIR"]}
    with running(tmp_path, "worker", **shared) as worker:
        pair.until(lambda: value(pair, "jifen_job_seconds_count", job="deliver_notices") is not None)
        worker.until(lambda: processes(pair) == {"serve", "serve-1", "serve-2", "worker"})
        pair.until(lambda: value(pair, "jifen_backlog", queue="notices") is not None)
        assert worker.stop() == 0
    assert processes(pair) == {"serve", "serve-1", "serve-2"}
    assert value(pair, "jifen_backlog", queue="notices") is None, "it is of the worker, who is gone"
    assert value(pair, "jifen_job_seconds_count", job="deliver_notices") is not None, "what was counted stays"


def test_a_death_takes_nothing_back_and_leaves_no_file_behind(pair: Program) -> None:
    ask(pair, 40)
    counted, files = healthy(pair), data_files(pair)
    for _ in range(2):
        victim, _ = pair.wait_children(2)
        victim.kill()
        pair.until(lambda gone=victim: not gone.is_running())  # type: ignore[misc]
        assert healthy(pair) >= counted
    pair.wait_children(2)
    ask(pair, 10)
    assert healthy(pair) >= counted + 10
    pair.until(lambda: data_files(pair) == files)  # the new process has made its own


def test_whoever_comes_to_an_empty_house_begins_at_zero(tmp_path: Path, given: dict[str, str]) -> None:
    with running(tmp_path, "serve", **given) as first:
        first.wait_ready()
        ask(first, 20)
        assert first.stop() == 0
        assert data_files(first)
    with running(tmp_path, "serve", **given) as again:
        again.wait_ready()
        ask(again, 1)
        assert 2 <= healthy(again) < 20


def test_the_files_have_all_their_room_from_the_start(pair: Program) -> None:
    names = {path.name.rpartition("_")[0] for path in data_files(pair)}
    assert names == set(FILES)
    ask(pair, 5)
    for path in data_files(pair):
        assert path.stat().st_size == FILE_BYTES
        assert path.stat().st_blocks * 512 >= FILE_BYTES


def test_labels_are_words_of_the_program(pair: Program) -> None:
    ask(pair, 1)
    for name, labels in scrape(pair):
        assert name.startswith("jifen_")
        for _, word in labels:
            assert WORD.fullmatch(word), (name, word)


def test_a_worker_by_itself_shows_its_own(tmp_path: Path, given: dict[str, str]) -> None:
    with running(tmp_path, "worker", "--metrics", **given) as worker:
        worker.until(lambda: answers(worker.metrics_url))
        worker.until(lambda: value(worker, "jifen_job_seconds_count", job="follow_ups") is not None)
        assert processes(worker) == {"worker"}
        assert worker.stop() == 0


def test_metrics_are_shared_before_they_are_made(tmp_path: Path) -> None:
    assert gauges.HTTP_SECONDS
    with pytest.raises(RuntimeError, match="before they could be shared"):
        share_metrics(tmp_path, "late")


def test_the_command_line_makes_no_metric_by_itself() -> None:
    program = "import runtime.cli, sys; sys.exit('base.gauges' in sys.modules)"
    began = time.monotonic()
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
    print(f"imported in {time.monotonic() - began:.1f} s")
