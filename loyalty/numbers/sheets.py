"""A report as a table: a header and rows, as the command line shows them and files hold them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from loyalty.numbers.definitions import DEFINITIONS
from loyalty.numbers.reports import TITLES, Report
from loyalty.numbers.totals import COLUMNS, Totals

Cell = str | int | Decimal | None
ALWAYS: Final = ("issued", "used", "captured", "expired", "written_off", "verified")
"""Numbers that are shown even where all are 0."""
FEN: Final = Decimal(100)


class Sheet(NamedTuple):
    """A table; every row has as many cells as the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def report_sheet(report: Report) -> Sheet:
    """The parts of a report and the whole, with the numbers of which there are any."""
    names = [name for name in COLUMNS if name in ALWAYS or report.whole[name]]
    lines = [(line.title, line.totals) for line in report.lines]
    rows = [(title, *_cells(totals, names)) for title, totals in [*lines, ("合计", report.whole)]]
    return Sheet((TITLES[report.dimension], *map(column_title, names)), tuple(rows))


def column_title(name: str) -> str:
    """The title of a number with its unit."""
    definition = DEFINITIONS[name]
    return f"{definition.title}（{definition.unit}）"


def _cells(totals: Totals, names: Sequence[str]) -> list[Cell]:
    return [yuan_of(totals[name]) if DEFINITIONS[name].unit == "元" else totals[name] for name in names]


def yuan_of(fen: int) -> Decimal:
    """An amount of money in yuan with two decimals."""
    return (Decimal(fen) / FEN).quantize(Decimal("0.01"))
