"""docs/scale.md: its arithmetic follows from its own figures, for every table that it lists."""

import json

import pytest

from tests.models.places import PLACEMENTS
from tests.source import ROOT

DOCS = ROOT / "docs"
PAGE = (DOCS / "scale.md").read_text(encoding="utf-8")


def table_under(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading of any depth, its own heading first."""
    section = PAGE.split(f"# {heading}\n")[1].split("\n#")[0]
    table = next(part.strip().splitlines() for part in section.split("\n\n") if part.lstrip().startswith("|"))
    head, _, *rows = ([cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in table)
    return [head, *rows]


def rows_under(heading: str) -> list[list[str]]:
    """The same without the table's own heading."""
    return table_under(heading)[1:]


def number(text: str) -> float:
    """`at 3,800 a second` → 3800.0"""
    return float("".join(sign for sign in text if sign.isdecimal() or sign == "."))


MEASURED = {row[0]: row[1:] for row in rows_under("Row sizes, measured")}
COMPUTED = {
    row[0]: [float(cell or 0) for cell in row[1:]] for row in rows_under("Rows and bytes, arithmetic")
}
RATES = {row: number(rate) for _, row, rate in rows_under("1. One machine")}


def test_every_table_that_was_measured_is_computed_with() -> None:
    """A table that came after the measurement has no figures until somebody measures again."""
    assert COMPUTED.keys() == MEASURED.keys() | {"together"}
    assert len(MEASURED) >= 18
    assert MEASURED.keys() <= {name for name, placement in PLACEMENTS.items() if placement.column}


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


def measured() -> dict[str, float]:
    """The same rates as the last measurement left them."""
    rows = {
        row["name"]: row
        for row in json.loads((DOCS / "performance.json").read_text(encoding="utf-8"))["rows"]
    }
    rates = {name: rows[name]["ours"]["per_second"] for name in ("signin", "draws", "bulk")}
    return rates | {"memory": rows["memory"]["facts"]["lots_per_second"]}


def test_the_rates_are_those_that_were_measured() -> None:
    """Runs of one machine differ by a factor of two; beyond that the page tells of another machine or another program."""
    found = measured()
    assert RATES.keys() == found.keys()
    assert {name: rate for name, rate in RATES.items() if not 0.5 < rate / found[name] < 2} == {}


def test_the_nights_follow_from_the_rates() -> None:
    (_, _, *rates), *jobs = table_under("4. The night")
    assert [number(rate) for rate in rates] == [RATES["memory"], RATES["bulk"]]
    for _, millions, *minutes in jobs:
        for told, rate in zip(minutes, rates, strict=True):
            assert number(millions) * 1e6 / number(rate) / 60 == pytest.approx(number(told), abs=0.5)


def test_what_one_machine_carries_is_seven_tenths_of_what_it_can() -> None:
    assert f"{round(0.7 * RATES['signin'], -2):,.0f} sign-ins per second here" in PAGE
