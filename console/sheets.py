"""A sheet of numbers as a table, whose numbers say what they mean, and as an Excel file, whose download the operation log notes."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from fastapi.responses import Response
from markupsafe import Markup
from nicegui import ui

from console.charts import meaning
from console.markup import join, link
from console.page import Visit
from loyalty.numbers.definitions import DEFINITIONS
from loyalty.numbers.sheets import Cell, Sheet, column_title
from moving.tables import NewFile
from operators.roles import Action

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLED: Final[Mapping[str, str]] = {
    title: name for name, one in DEFINITIONS.items() for title in (one.title, column_title(name))
}
"""The numbers by what sheets call them."""

NUMBER: Final = re.compile(r"[-+]?[\d.,]*[%–—]?")
"""A text that stands for a number, or for none."""

Links = Mapping[tuple[int, int], str]
"""The addresses of the rows behind cells, by the cells' row and column."""
NO_LINKS: Final[Links] = {}


def draw_sheet(sheet: Sheet, caption: str, empty: str, links: Links = NO_LINKS) -> None:
    """Draw the table, or the sentence that says what to do when it has no rows."""
    told = (
        sheet_table(sheet, caption, links) if sheet.rows else Markup('<p class="empty">{}</p>').format(empty)
    )
    ui.html(told, sanitize=False).classes("listing")


def sheet_table(sheet: Sheet, caption: str, links: Links = NO_LINKS) -> Markup:
    """The table: the first column names what stands in the others, of which those with numbers stand at the right."""
    kinds = _kinds(sheet)
    title = Markup('<th scope="col" class="{}">{}</th>')
    head = join(
        title.format(kind, _named(name)) if name else Markup("<td></td>")
        for kind, name in zip(kinds, sheet.header, strict=True)
    )
    body = join(
        Markup("<tr>{}</tr>").format(
            join(
                _cell(cell, kinds[column], links.get((row, column)), named=not column)
                for column, cell in enumerate(cells)
            )
        )
        for row, cells in enumerate(sheet.rows)
    )
    return Markup(
        '<div class="table-wrap" tabindex="0" role="region" aria-label="{}">'
        '<table><caption class="unseen">{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(caption, caption, head, body)


def _kinds(sheet: Sheet) -> list[str]:
    """The class of each column, by its first cell."""
    first = sheet.rows[0][1:]
    return ["label", *("number" if _is_number(cell) else "words" for cell in first)]


def _is_number(cell: Cell) -> bool:
    return not isinstance(cell, str) or NUMBER.fullmatch(cell) is not None


def _named(told: str) -> object:
    return meaning(TITLED[told], told) if told in TITLED else told


def _cell(cell: Cell, kind: str, address: str | None, *, named: bool) -> Markup:
    told: object = "–" if cell is None else (f"{cell:,}" if not isinstance(cell, str) else cell)
    if named:
        told = _named(str(told))
    if address:
        told = link(told, address)
    return Markup('<td class="{}">{}</td>').format(kind, told)


def workbook(sheet: Sheet) -> bytes:
    """The sheet as an Excel file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        with NewFile(path, overwrite=False) as table:
            table.write(sheet.header)
            for row in sheet.rows:
                table.write(row)
        return path.read_bytes()


async def send_workbook(visit: Visit, sheet: Sheet, name: str) -> Response:
    """The Excel file as a download of this name, once the operation log has its row."""
    await visit.desk.change(lambda connection: visit.desk.note(connection, Action.EXPORT, name))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(await asyncio.to_thread(workbook, sheet), media_type=XLSX, headers=headers)
