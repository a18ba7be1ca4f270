"""Numbers, days and the ledger's own entries in Chinese."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from loyalty.ledger.calendar import NEVER, last_day

Detail = Mapping[str, Any]


@dataclass(frozen=True)
class Sentence:
    """The text of one kind of entry: a short title, and the sentence that explains it."""

    title: Callable[[Detail], str]
    why: Callable[[Detail], str]


def number(value: int) -> str:
    """An amount with thousands separators: 12345 → `12,345`."""
    return f"{value:,}"


def yuan(fen: int) -> str:
    """An amount of money in yuan, with both decimals or none: 8850 → `88.50`, 10000 → `100`."""
    whole, rest = divmod(fen, 100)
    return number(whole) + (f".{rest:02}" if rest else "")


def odds_text(odds_ppm: int) -> str:
    """Millionths as an exact percentage: 125000 → `12.5%`, 3 → `0.0003%`."""
    whole, rest = divmod(odds_ppm, 10_000)
    digits = f"{rest:04}".rstrip("0")
    return f"{whole}.{digits}%" if digits else f"{whole}%"


def day_text(day: date) -> str:
    """`2026年11月3日`."""
    return f"{day.year}年{day.month}月{day.day}日"


def last_day_text(expires_on: date) -> str:
    """The last day on which something can be used, which is the day before `expires_on`; `长期有效` for NEVER."""
    return "长期有效" if expires_on == NEVER else day_text(last_day(expires_on))


SENTENCES: Final[dict[str, Sentence]] = {
    "opened": Sentence(lambda _: "待到账积分到账", lambda _: "待到账的积分已到账，可以用了。"),
    "lapsed": Sentence(lambda _: "积分到期", lambda _: "已过有效期，未用部分清零。"),
    "debt_repaid": Sentence(
        lambda _: "补扣欠下的积分", lambda _: "先前退款时欠下的积分，由新到账的积分补上。"
    ),
}
"""The entries that the wallet writes itself. Each feature has the sentences of its own entries."""
