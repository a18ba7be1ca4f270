"""What a cell says: whole numbers, days, ids and names, as people and Excel write them. Each raises BadValue for anything else."""

import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Final

from loyalty.ledger.calendar import NEVER
from loyalty.ledger.words import number
from loyalty.members.phones import canonical_phone
from moving.harmless import DANGEROUS
from moving.problems import BadValue
from moving.sheet import Cell

LONGEST_SHOWN: Final = 40
LONGEST_ID: Final = 128
EXACT: Final = 2**53
"""Excel keeps about fifteen digits, so the last ones of a longer number are lost."""
_WHOLE: Final = re.compile(r"[+-]?[0-9]+(?:\.0*)?")
_GROUPED: Final = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.0*)?")
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s].*)?", re.ASCII)
_TIME: Final = re.compile(r"[T\s](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?$", re.ASCII)
_MONEY: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,2}0*)?", re.ASCII)
MOST_FEN: Final = 10_000_000_00
_COMPACT_DAY: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_SCIENTIFIC: Final = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
_WECHAT_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,128}")
UNFIT: Final = frozenset("\"'\ufffd")
"""Characters of broken lines: quotation marks, and what stands for bytes that could not be read."""
FOREVER: Final = ("长期有效", "永久有效", "永久", "永不过期", "never", "9999-12-31")


def text_of(cell: Cell) -> str:
    """What the cell shows, trimmed, with letters and digits of normal width.

    The apostrophe before a sign, by which exports keep formulas from running, is taken off.
    """
    if type(cell) is str and cell.isascii() and (text := cell.strip())[:1] != "'":  # nearly all cells
        return text
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    text = plain_text(cell)
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def plain_text(cell: Cell) -> str:
    """The cell's text as it is written, trimmed, without the apostrophe of an export."""
    text = str(cell).strip()
    return text[1:] if text[:1] == "'" and text[1:2] in DANGEROUS else text


def shown(cell: Cell) -> str:
    """The cell for a sentence: short, and without characters that nobody can see."""
    text = "".join(one if one.isprintable() else "�" for one in str(cell).strip())
    return f"『{text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + '…'}』"


def whole_number(cell: Cell, title: str, least: int, most: int) -> int:
    """A whole number between `least` and `most`; groups of thousands and a `.0` are understood."""
    text = text_of(cell)
    if (not isinstance(cell, bool) and _WHOLE.fullmatch(text)) or _GROUPED.fullmatch(text):
        digits = text.partition(".")[0].replace(",", "")
        value = int(digits) if len(digits) < 30 else most + 1
        if value < least:
            raise BadValue(f"{title} {shown(cell)} 太小，最少 {number(least)}")
        if value > most:
            raise BadValue(f"{title} {shown(cell)} 太大，最多 {number(most)}")
        return value
    raise BadValue(f"{title} {shown(cell)} 不是整数")


def day(cell: Cell, title: str) -> date:
    """A day, such as 2026-12-31, 2026/12/31, 20261231 or 2026年12月31日; a time of day after it does not count."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = text_of(cell)
    found = _day_parts(text, compact=isinstance(cell, str))
    if found is None:
        if not isinstance(cell, str) or (text.isascii() and text.isdigit()):
            raise BadValue(f"{title} {shown(cell)} 是数字，不是日期：请在 Excel 里把这一列的格式设成日期")
        raise BadValue(f"{title} {shown(cell)} 不是日期，请写成 2026-12-31 这样")
    try:
        return date(*found)
    except ValueError:
        raise BadValue(f"{title} {shown(cell)}：日历上没有这一天") from None


@lru_cache(maxsize=4_096)
def _day_parts(text: str, *, compact: bool) -> tuple[int, int, int] | None:
    """Year, month and day, whether or not the calendar has them; files repeat few days many times."""
    found = _DAY.fullmatch(text) or (_COMPACT_DAY.fullmatch(text) if compact else None)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def moment(cell: Cell, title: str) -> datetime:
    """A day and the time of day, such as 2026-11-28 18:30 or 2026/11/28 18:30:05; the day's first moment where there is no time."""
    if isinstance(cell, datetime):
        return cell
    on = day(cell, title)
    found = _TIME.search(text_of(cell))
    if found is None:
        return datetime(on.year, on.month, on.day)  # noqa: DTZ001  # the caller knows the zone
    try:
        hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime.combine(on, time(hour, minute, second))
    except ValueError:
        raise BadValue(f"{title} {shown(cell)}：没有这个时刻") from None


def fen(cell: Cell, title: str) -> int:
    """An amount of money in yuan, as fen: 128.5 → 12850. It has at most two decimals."""
    text = text_of(cell).replace(",", "").removeprefix("¥").removesuffix("元").strip()
    if isinstance(cell, float):
        text = format(Decimal(repr(cell)), "f")
    if isinstance(cell, bool) or not _MONEY.fullmatch(text):
        raise BadValue(f"{title} {shown(cell)} 不是金额，请写成 128.50 这样，单位是元，最多两位小数")
    value = int(Decimal(text) * 100)
    if value > MOST_FEN:
        raise BadValue(f"{title} {shown(cell)} 太大，最多 {number(MOST_FEN // 100)} 元")
    return value


def word(cell: Cell, title: str) -> str:
    """A code such as that of a store."""
    return foreign_id(cell, title)


def last_day(cell: Cell, title: str) -> date | None:
    """The last day of points, None for an empty cell, NEVER for words such as 长期有效."""
    text = text_of(cell)
    if not text:
        return None
    return NEVER if text.lower() in FOREVER or text.startswith("9999-12-31") else day(cell, title)


def wechat_id(cell: Cell, title: str) -> str:
    """An openid or unionid."""
    text = text_of(cell)
    if not _WECHAT_ID.fullmatch(text):
        raise BadValue(f"{title} {shown(cell)} 只能由字母、数字、- 和 _ 组成，最长 {LONGEST_ID} 个字符")
    return text


def phone(cell: Cell, title: str) -> str:
    """A phone number as +, country code and digits; spaces and hyphens within it do not count."""
    text = "".join(one for one in text_of(cell) if one not in " -()\u3000")
    if "*" in text:
        raise BadValue(f"{title} {shown(cell)} 打了星号，认不出是哪个号")
    found = canonical_phone(text)
    if found is None:
        raise BadValue(f"{title} {shown(cell)} 不是手机号")
    return found


def foreign_id(cell: Cell, title: str) -> str:
    """A member's number in another system, which a spreadsheet may have spoiled by taking it for a quantity."""
    text = text_of(cell)
    if _SCIENTIFIC.fullmatch(text) or (isinstance(cell, int | float) and abs(cell) >= EXACT):
        raise BadValue(
            f"{title} {shown(cell)} 被当成了数字，后面的位数已经丢了：请从原系统重新导出，并把这一列设成文本"
        )
    if (
        isinstance(cell, date | bool)
        or not 1 <= len(text) <= 64
        or not text.isprintable()
        or set(text) & UNFIT
    ):
        raise BadValue(f"{title} {shown(cell)} 应是 1 到 64 个字符的文字，没有引号和看不见的字符")
    return text
