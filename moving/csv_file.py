"""A table in a CSV file, read line by line, so that one broken line spoils no other and memory stays steady."""

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from moving.encodings import LONGEST_LINE, TITLES, encoding_of
from moving.problems import CannotBegin
from moving.sheet import Row, Sheet, as_header, file_digest, fitted, is_empty

MOST_LINES: Final = 20
"""The number of lines that one row may span. An opening quotation mark without an end would take the rest of the file."""
DELIMITERS: Final = ",\t;"
UNCLOSED: Final = "引号没有闭合"


class Line(NamedTuple):
    """A line of the file by its number; `fault` is what is wrong with its bytes."""

    number: int
    text: str
    fault: str | None = None


def open_csv(path: Path, encoding: str = "auto") -> Sheet:
    """The table of a CSV file whose first line that is not empty is the header. Raises CannotBegin."""
    found, lines = encoding_of(path, encoding)
    first = next((line for line in _lines(path, found) if line.text.strip()), None)
    if first is None:
        raise CannotBegin(f"{path} 里没有内容。")
    if first.fault:
        raise CannotBegin(f"{path} 的表头（第 {first.number} 行）读不出来：{first.fault}。")
    delimiter = max(DELIMITERS, key=first.text.count)
    header = as_header(next(_records(path, found, delimiter)).cells)

    def rows() -> Iterator[Row]:
        records = _records(path, found, delimiter)
        next(records)
        return (fitted(one, len(header)) for one in records if one.fault or not is_empty(one.cells))

    return Sheet(path, file_digest(path), header, max(lines - 1, 0), rows, f"CSV，{TITLES[found]} 编码")


def _lines(path: Path, encoding: str) -> Iterator[Line]:
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(LONGEST_LINE):
            number += 1
            if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
                _skip_line(file)
                yield Line(number, raw[:200].decode(encoding, "replace"), "这一行太长")
                continue
            yield _decoded(number, raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw, encoding)


def _skip_line(file: BinaryIO) -> None:
    while (more := file.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
        pass


def _decoded(number: int, raw: bytes, encoding: str) -> Line:
    try:
        text, fault = raw.decode(encoding), None
    except UnicodeDecodeError:
        text, fault = (
            raw.decode(encoding, "replace"),
            f"这一行不是 {TITLES[encoding]} 编码，和文件的其余部分不同",
        )
    if "\0" in text:
        text, fault = text.replace("\0", ""), "这一行里有空字符（NUL），文件可能损坏了"
    return Line(number, text.rstrip("\r\n"), fault)


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    """The rows; one whose quotation mark is never closed ends where it began, and the next line begins a row of its own."""
    lines, waiting = _lines(path, encoding), deque[Line]()
    while (first := waiting.popleft() if waiting else next(lines, None)) is not None:
        if first.fault:
            yield Row(first.number, first.text.split(delimiter), first.fault)
            continue
        if not first.text.strip():
            continue
        taken = [first]
        row = _parsed(taken, delimiter)
        while row.fault == UNCLOSED and len(taken) < MOST_LINES:
            more = waiting.popleft() if waiting else next(lines, None)
            if more is None:
                break
            taken.append(more)
            row = _parsed(taken, delimiter)
        if row.fault == UNCLOSED:
            waiting.extendleft(reversed(taken[1:]))
        yield row


def _parsed(lines: list[Line], delimiter: str) -> Row:
    number = lines[0].number
    if fault := next((line.fault for line in lines if line.fault), None):
        return Row(number, lines[0].text.split(delimiter), fault)
    if len(lines) == 1 and '"' not in lines[0].text and "\r" not in lines[0].text:
        return Row(number, lines[0].text.split(delimiter))  # as `csv` reads it, in a tenth of the time
    try:
        text = "\n".join(line.text for line in lines)
        return Row(number, next(csv.reader([text], delimiter=delimiter, strict=True), []))
    except csv.Error as error:
        unclosed = "unexpected end of data" in str(error)
        return Row(
            number,
            lines[0].text.split(delimiter),
            UNCLOSED if unclosed else "引号的位置不对，或者有多余的回车",
        )
