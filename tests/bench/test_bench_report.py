"""What a run leaves behind: figures kept by measure, between marks that leave the prose around them alone."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.machine import machine
from bench.measure import Row, Series
from bench.report import BEGIN, END, table, write_docs


def result(tmp_path: Path, *names: str, rate: float = 100.0) -> dict[str, Any]:
    """A run of these measures in which we reached `rate` and the baseline 50."""
    ours, baseline = Series(), Series()
    ours.add(rate, 10, {"server": 0.001, "postgres": 0.002})
    baseline.add(50.0, 10, {"postgres": 0.009})
    rows = [
        Row(name, f"测量 {name}", rate / 50, 1.0, ours=ours, baseline=baseline, facts={"members": 1000})
        for name in names
    ]
    settings = {"server_version": "18.4", "fsync": "on"}
    return {"machine": machine(tmp_path), "settings": settings, "rows": [row.as_json() for row in rows]}


def test_the_page_keeps_its_prose_and_other_measures(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"# Performance\n\nBefore.\n\n{BEGIN}\nold\n{END}\n\nAfter.\n", encoding="utf-8")
    write_docs(tmp_path, result(tmp_path, "signin", "draws"))
    write_docs(tmp_path, result(tmp_path, "draws", rate=25.0))
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Performance\n\nBefore.\n")
    assert text.endswith(f"{END}\n\nAfter.\n")
    assert "old" not in text
    rows = [line for line in text.splitlines() if line.startswith("| 测量")]
    assert [
        "| 测量 signin | 2.00× | 1× | yes |" in rows[0],
        "| 测量 draws | 0.50× | 1× | **no** |" in rows[1],
    ] == [True, True]
    assert len(rows) == 2
    assert "`fsync = on`" in text
    kept = json.loads((tmp_path / "performance.json").read_text(encoding="utf-8"))
    assert [row["value"] for row in kept["rows"]] == [2.0, 0.5]


def test_the_table_shows_each_row(tmp_path: Path) -> None:
    console = Console(width=200, record=True)
    console.print(table(result(tmp_path, "signin", rate=25.0)))
    shown = console.export_text()
    assert "0.50×" in shown
    assert "否" in shown
    assert "900" in shown


def test_cpu_is_compared_over_all_processes(tmp_path: Path) -> None:
    assert result(tmp_path, "signin")["rows"][0]["cpu_ratio"] == 3.0


def test_a_run_names_its_machine(tmp_path: Path) -> None:
    about = machine(tmp_path)
    assert about["cores"] >= 1
    assert about["memory_gib"] > 0
    assert about["processor"]
    assert about["file_system"] != "unknown"
