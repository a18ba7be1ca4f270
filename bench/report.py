"""The results of a run: a table for the operator, and the figures in `docs/performance.md` and `docs/performance.json`.

Only the part of the page between the marks is generated. A run of single measures replaces their rows and keeps the others, each
with its own date.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.table import Table

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
WITHOUT_BAR = "—"


def table(result: dict[str, Any]) -> Table:
    """The rows for a terminal."""
    shown = Table(title="测量结果", caption="µs：每次操作的 CPU 时间，数据库、服务和产生负载的进程加在一起")
    for heading in ("测量", "比值", "要求", "达到", "我们 /s", "对照 /s", "µs", "对照 µs"):
        shown.add_column(heading, justify="left" if heading == "测量" else "right")
    for row in result["rows"]:
        passed = {True: "[green]是[/green]", False: "[red]否[/red]", None: WITHOUT_BAR}[row["passed"]]
        shown.add_row(
            row["title"], _value(row), _bar(row, "≥", "≤"), passed, _rate(row["ours"]), _rate(row["baseline"]),
            _total(row["ours"]), _total(row["baseline"]),
        )  # fmt: skip
    return shown


def docs_folder() -> Path | None:
    """The project's `docs` folder; None in an installed package."""
    folder = Path(__file__).parents[1] / "docs"
    return folder if folder.is_dir() else None


def write_docs(folder: Path, result: dict[str, Any]) -> None:
    """Write the figures into `performance.json` and into the page, between its marks."""
    kept = folder / "performance.json"
    before = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {"rows": []}
    fresh = {row["name"]: row | {"measured": result["machine"]["date"]} for row in result["rows"]}
    rows = [fresh.pop(row["name"], row) for row in before["rows"]] + list(fresh.values())
    figures = result | {"rows": rows}
    kept.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    page = folder / "performance.md"
    text = page.read_text(encoding="utf-8") if page.exists() else f"# Performance\n\n{BEGIN}\n{END}\n"
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    page.write_text(head + BEGIN + "\n\n" + "\n".join(_page(figures)) + "\n\n" + END + tail, encoding="utf-8")


def _page(figures: dict[str, Any]) -> Iterator[str]:
    about = figures["machine"]
    yield (
        f"Measured on {about['date']}: {about['processor']}, {about['cores']} cores, {about['memory_gib']} GiB, "
        f"{about['system']}, {about['file_system']}, Python {about['python']}; load average before: {about['load_average']}."
    )
    yield ""
    settings = figures["settings"]
    yield f"PostgreSQL {settings['server_version']}: " + ", ".join(
        f"`{name} = {value}`" for name, value in settings.items() if name != "server_version"
    )
    yield ""
    yield "| measure | ratio | at least | met | ours, per second | baseline, per second | CPU µs each | baseline's CPU µs | date |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in figures["rows"]:
        met = {True: "yes", False: "**no**", None: WITHOUT_BAR}[row["passed"]]
        yield (
            f"| {row['title']} | {_value(row)} | {_bar(row, '', '≤ ')} | {met} | {_rate(row['ours'])} | {_rate(row['baseline'])} "
            f"| {_cpu(row['ours'])} | {_cpu(row['baseline'])} | {row['measured']} |"
        )
    yield ""
    for row in figures["rows"]:
        yield f"**{row['name']}**: " + "; ".join(
            f"{name} {_text(value)}" for name, value in row["facts"].items()
        )
        yield ""


def _value(row: dict[str, Any]) -> str:
    return WITHOUT_BAR if row["value"] is None else f"{row['value']:.2f}{row['unit']}"


def _bar(row: dict[str, Any], at_least: str, at_most: str) -> str:
    if row["bar"] is None:
        return WITHOUT_BAR
    return f"{at_most if row['at_most'] else at_least}{row['bar']:g}{row['unit']}"


def _rate(series: dict[str, Any] | None) -> str:
    if not series:
        return WITHOUT_BAR
    return f"{series['per_second']:,.0f} ({min(series['runs']):,.0f}–{max(series['runs']):,.0f})"


def _total(series: dict[str, Any] | None) -> str:
    return f"{series['cpu_us_total']:,.0f}" if series else WITHOUT_BAR


def _cpu(series: dict[str, Any] | None) -> str:
    if not series:
        return WITHOUT_BAR
    return ", ".join(f"{kind} {used:,.0f}" for kind, used in series["cpu_us"].items())


def _text(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else json.dumps(value, ensure_ascii=False)
