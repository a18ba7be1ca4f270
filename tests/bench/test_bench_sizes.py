"""What docs/scale.md computes with: a few members live through everything that writes a row, and each table is weighed."""

from pathlib import Path

import pytest

from bench.sizes import measure_sizes

MEMBERS, DAYS = 60, 6


@pytest.mark.soak
def test_every_table_is_weighed(tmp_path: Path) -> None:
    sizes = measure_sizes(tmp_path, MEMBERS, DAYS)
    assert {name for name, rows in sizes.rows.items() if not rows} == {"late_reply"}
    assert sizes.rows["member"] == sizes.rows["account"] == MEMBERS
    assert sizes.rows["receipt"] == sum(row["receipts"] for row in sizes.commands)
    assert sizes.rows["entry"] == sum(round(row["receipts"] * row["entries"]) for row in sizes.commands)
    assert all(sizes.heap[name] > 0 and sizes.indexes[name] for name, rows in sizes.rows.items() if rows)
    done = {what: commands for what, (commands, _) in sizes.wal.items()}
    assert done["joining, whole"] == MEMBERS
    assert done["lapse"] > 0
    assert all(written > 0 for commands, written in sizes.wal.values() if commands)
    cold, warm = (
        sizes.wal[what]
        for what in ("sign-in, each page the first time after a checkpoint, wal_compression off", "sign-in")
    )
    assert cold[1] / cold[0] > warm[1] / warm[0]
    assert sum(line.startswith("|") for line in sizes.lines()) > len(sizes.wal) + len(sizes.commands)
