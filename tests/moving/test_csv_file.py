"""Half-broken CSV: every broken line is named, and spoils no other."""

from pathlib import Path

import pytest

from moving.csv_file import open_csv
from moving.problems import CannotBegin


def rows_of(
    tmp_path: Path, content: bytes, encoding: str = "auto"
) -> list[tuple[int, list[object], str | None]]:
    file = tmp_path / "t.csv"
    file.write_bytes(content)
    return [(row.line, list(row.cells), row.fault) for row in open_csv(file, encoding).rows()]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\r\n1,2\r\n", [(2, ["1", "2"], None)]),
        (b"\xef\xbb\xbfa,b\n1,2", [(2, ["1", "2"], None)]),
        ("\n\na,b\n\n中,文\n,\n".encode(), [(5, ["中", "文"], None)]),
        ("a,b\n中,文\n".encode("gb18030"), [(2, ["中", "文"], None)]),
        (b"a\tb\n1\t2,3\n", [(2, ["1", "2,3"], None)]),
        (b"a;b\n1;2\n", [(2, ["1", "2"], None)]),
        (b'a,b\n"1\n2",3\n4,5\n', [(2, ["1\n2", "3"], None), (4, ["4", "5"], None)]),
        (b'a,b\n"1""2",3\n', [(2, ['1"2', "3"], None)]),
        (b"a,b\n1,2,,\n", [(2, ["1", "2"], None)]),
        (b"a,b\n1,2,3\n", [(2, ["1", "2", "3"], "这一行有 3 个字段，表头有 2 个")]),
        (b"a,b\n1\n", [(2, ["1"], "这一行有 1 个字段，表头有 2 个")]),
        (b"a,b\n1,\x002\n3,4\n", [(2, ["1", "2"], "这一行里有空字符（NUL），文件可能损坏了"), (3, ["3", "4"], None)]),
        (b'a,b\n"1,2\n3,4\n', [(2, ['"1', "2"], "引号没有闭合"), (3, ["3", "4"], None)]),
        (b'a,b\n"1"x,2\n3,4\n', [(2, ['"1"x', "2"], "引号的位置不对，或者有多余的回车"), (3, ["3", "4"], None)]),
        (b"a,b\n1,2\r3,4\n", [(2, ["1", "2\r3", "4"], "引号的位置不对，或者有多余的回车")]),
        (
            "a,b\n中,1\n文,2\n".encode() + "字,3\n".encode("gbk"),
            [(2, ["中", "1"], None), (3, ["文", "2"], None),
             (4, ["��", "3"], "这一行不是 UTF-8 编码，和文件的其余部分不同")],
        ),
    ],
)  # fmt: skip
def test_lines(tmp_path: Path, content: bytes, expected: object) -> None:
    assert rows_of(tmp_path, content) == expected


def test_an_open_quotation_mark_takes_no_more_than_its_line(tmp_path: Path) -> None:
    content = b'a,b\n"1,2\n' + b"".join(b"%d,x\n" % number for number in range(1000))
    found = rows_of(tmp_path, content)
    assert [line for line, _, fault in found if fault] == [2]
    assert len(found) == 1001


def test_a_line_without_end_is_not_kept_in_memory(tmp_path: Path) -> None:
    found = rows_of(tmp_path, b"a,b\n" + b"9" * 1_000_000 + b"\n1,2\n")
    assert [(line, fault) for line, _, fault in found] == [(2, "这一行太长"), (3, None)]


@pytest.mark.parametrize(
    ("content", "encoding", "words"),
    [
        (b"\n \n", "auto", "里没有内容"),
        ("会员号,积分\n1,2\n".encode("utf-16"), "auto", "是 UTF-16 编码"),
        (b"a,b\n", "latin-9", "不认得编码 latin-9"),
        (b"\xff\x80,b\n", "utf-8", "的表头（第 1 行）读不出来"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, content: bytes, encoding: str, words: str) -> None:
    with pytest.raises(CannotBegin, match=words):
        rows_of(tmp_path, content, encoding)
