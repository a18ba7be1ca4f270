"""Which rows of a workbook's sheet have formulas, from the XML in the file."""

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

from moving.problems import CannotBegin

BLOCK_BYTES: Final = 1 << 20
RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships id"


def formula_rows(path: Path, sheet: str) -> set[int]:
    """The numbers of the rows of a sheet that have a formula. Raises CannotBegin for XML that cannot be read."""
    found: set[int] = set()
    try:
        with zipfile.ZipFile(path) as parts:
            part = _part_of(parts, sheet)
            if part is None or not _mentions(parts, part, b"<f"):
                return found
            row = [0]

            def start(name: str, attributes: dict[str, str]) -> None:
                if name.endswith(" row"):
                    row[0] = int(attributes.get("r", row[0] + 1))
                elif name.endswith(" f"):
                    found.add(row[0])

            _read(parts, part, start)
    except (expat.ExpatError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise CannotBegin(f"{path} 读不出来，可能损坏了。") from error
    return found


def _part_of(parts: zipfile.ZipFile, sheet: str) -> str | None:
    """The name of the file within the workbook that has the sheet's cells."""
    ids: dict[str, str] = {}
    targets: dict[str, str] = {}

    def sheets(name: str, attributes: dict[str, str]) -> None:
        if name.endswith(" sheet"):
            ids[attributes.get("name", "")] = attributes.get(RELATION, "")

    def relations(name: str, attributes: dict[str, str]) -> None:
        if name.endswith(" Relationship"):
            targets[attributes["Id"]] = attributes["Target"]

    _read(parts, "xl/workbook.xml", sheets)
    _read(parts, "xl/_rels/workbook.xml.rels", relations)
    target = targets.get(ids.get(sheet, ""))
    return None if target is None else posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _mentions(parts: zipfile.ZipFile, part: str, text: bytes) -> bool:
    tail = b""
    for block in _blocks(parts, part):
        if text in tail + block:
            return True
        tail = block[-len(text) :]
    return False


def _read(parts: zipfile.ZipFile, part: str, start: Any) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse
    for block in _blocks(parts, part):
        parser.Parse(block)
    parser.Parse(b"", True)  # its only way to say that the text ends


def _refuse(*_: object) -> None:
    """Entities are declared in a DOCTYPE, and no workbook needs one."""
    raise ValueError("a workbook has no DOCTYPE")


def _blocks(parts: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    with parts.open(part) as file:
        while block := file.read(BLOCK_BYTES):
            yield block
