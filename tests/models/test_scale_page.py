"""docs/scale.md: its arithmetic follows from its own figures, and no table of the schema is left out."""

from pathlib import Path

import pytest

import jifen
from tests.models.test_distributable import DIRECTORIES, MEMBERS

PAGE = (Path(jifen.__path__[0]).parent / "docs" / "scale.md").read_text(encoding="utf-8")


def rows_under(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without the table's own heading."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    tables = [
        part.strip().splitlines()[2:] for part in section.split("\n\n") if part.lstrip().startswith("|")
    ]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in tables[0]]


MEASURED = {row[0]: row[1:] for row in rows_under("Row sizes, measured")}
COMPUTED = {
    row[0]: [float(cell or 0) for cell in row[1:]] for row in rows_under("Rows and bytes, arithmetic")
}


def test_every_table_that_grows_has_its_figures() -> None:
    assert MEASURED.keys() == MEMBERS | DIRECTORIES.keys()
    assert COMPUTED.keys() == MEASURED.keys() | {"together"}


@pytest.mark.parametrize("table", MEASURED)
def test_a_row_is_its_heap_and_its_indexes(table: str) -> None:
    _, heap, indexes, together = MEASURED[table]
    parts = [float(heap), *(float(index.split()[-1]) for index in indexes.split(","))]
    assert sum(parts) == pytest.approx(float(together), abs=len(parts) / 2 + 0.5)
    assert float(together) == COMPUTED[table][0]


@pytest.mark.parametrize("table", MEASURED)
def test_the_years_follow_from_the_days(table: str) -> None:
    size, start, a_day, gigabytes, one_year, three_years = COMPUTED[table]
    assert size * a_day / 1_000 == pytest.approx(gigabytes, abs=0.01)
    assert size * (start + 365 * a_day) / 1_000_000 == pytest.approx(one_year, abs=0.01)
    assert size * (start + 1_095 * a_day) / 1_000_000 == pytest.approx(three_years, abs=0.01)


def test_the_sums_are_sums() -> None:
    whole = COMPUTED["together"]
    for column, tolerance in ((3, 0.1), (4, 0.06), (5, 0.06)):
        parts = sum(row[column] for table, row in COMPUTED.items() if table != "together")
        assert parts == pytest.approx(whole[column], abs=tolerance)
