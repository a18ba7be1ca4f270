"""The import of balances from a CSV file, both passes of it, against pgbench writing the same rows line by line."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.baseline import CLIENTS, import_script, pgbench
from bench.bench import MEMBERS, Bench
from bench.child import child
from bench.dataset import Dataset, checkpoint
from bench.errors import WrongAnswers
from bench.ground import bench_settings, environment
from bench.load import meter
from bench.measure import Row, Series, ratio
from bench.names import openid, scattered
from bench.template import import_line

BAR = 4.0
MAX_PER_SECOND = 12_000
"""A file has lines for this many per second."""


def measure(bench: Bench) -> Row:
    """The import with its booking processes; each line is another member, found by their openid."""
    size, dataset = bench.size, bench.dataset(MEMBERS)
    ours, baseline = Series(), Series()
    lines = int(min(size.seconds * MAX_PER_SECOND, dataset.left("import") / size.rounds))
    for number in range(size.rounds):
        bench.say(f"导入 {number + 1}/{size.rounds}")
        _baseline_run(bench, dataset, baseline)
        _import_run(bench, dataset, ours, lines)
    facts = {"members": dataset.members, "lines": lines}
    return Row(
        "import", "导入积分余额", ratio(ours, baseline), BAR, ours=ours, baseline=baseline, facts=facts
    )


def _baseline_run(bench: Bench, dataset: Dataset, series: Series) -> None:
    programme = dataset.programme
    step = import_line(dataset.history, programme.rules, programme.zone, datetime.now(UTC))
    start, each = dataset.take("pgbench", 0), dataset.members // CLIENTS
    checkpoint(dataset)
    written = pgbench(
        dataset.url, import_script(step), bench.size.seconds, meter(dataset), each=each, start=start
    )
    dataset.take("pgbench", 2 * written.transactions // CLIENTS + 1_000)
    series.add(written.per_second, written.transactions, written.cpu_s)


def _import_run(bench: Bench, dataset: Dataset, series: Series, lines: int) -> None:
    """Add one import to the series. Raises WrongAnswers if a line was not booked."""
    first = dataset.take("import", lines)
    settings = bench_settings(bench.ground, dataset.name)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "balances.csv"
        with file.open("w", encoding="utf-8") as table:
            table.write("openid,积分,到期日\n")
            for place in range(first, first + lines):
                table.write(f"{openid(scattered(place, dataset.members))},50,2099-12-31\n")
        checkpoint(dataset)
        plan = {"settings": environment(settings), "file": str(file), "lines": lines}
        with child("importing", plan) as importing, meter(dataset).measuring() as spent:
            importing.start()
            result = importing.result()
    if result["booked"] != lines or result["bad"]:
        raise WrongAnswers(f"{result} of {lines} lines")
    del spent["generator"]
    spent["import"] = result["cpu_s"]
    series.add(result["per_second"], result["booked"], spent)
