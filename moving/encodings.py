"""In which encoding a text file is written: UTF-8, or what Excel writes in China (GBK, a part of GB18030).

Both keep the bytes of line feeds, commas and quotation marks for these alone, so that lines can be divided before they are decoded.
"""

from pathlib import Path
from typing import Final

from moving.problems import CannotBegin

UTF8, GB18030 = "utf-8", "gb18030"
LONGEST_LINE: Final = 1 << 16
KNOWN: Final = {
    "auto": None,
    "utf-8": UTF8,
    "utf8": UTF8,
    "gbk": GB18030,
    "gb2312": GB18030,
    "gb18030": GB18030,
}
OTHER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
TITLES: Final = {UTF8: "UTF-8", GB18030: "GBK/GB18030"}


def encoding_of(path: Path, wanted: str) -> tuple[str, int]:
    """The encoding of a file and its number of lines. `wanted` is `auto`, or the encoding that the operator named.

    `auto` counts the lines with other characters than ASCII: Chinese text in GBK is hardly ever valid UTF-8. Raises CannotBegin.
    """
    if wanted.lower() not in KNOWN:
        raise CannotBegin(f"不认得编码 {wanted}，可以写 auto、utf-8、gbk 或 gb18030。")
    valid = invalid = lines = 0
    with path.open("rb") as file:
        if file.read(2) in OTHER_MARKS:
            raise CannotBegin(f"{path} 是 UTF-16 编码，请用 Excel 另存为『CSV UTF-8（逗号分隔）』。")
        file.seek(0)
        while line := file.readline(LONGEST_LINE):
            lines += 1
            if line.isascii():
                continue
            if _decodes(line):
                valid += 1
            else:
                invalid += 1
    return KNOWN[wanted.lower()] or (UTF8 if valid >= invalid else GB18030), lines


def _decodes(line: bytes) -> bool:
    try:
        line.decode(UTF8)
    except UnicodeDecodeError:
        return False
    return True
