"""Cuts template values to the rule of their key; the platform refuses a value that breaks it with 47003.

Running text is cut; a number, time or code is never cut, because a shortened one would be wrong.
Source: WeChat docs 订阅消息参数值内容限制说明.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from wechat.errors import UnfitValue
from wechat.text import cut_chars, legal

_KEY: Final = re.compile(r"([a-z_]+?)_?[0-9]*", re.ASCII)
_BLANKS: Final = re.compile(r"\s+")
_HAN: Final = "\u4e00-\u9fff\u3400-\u4dbf"
_MOMENT: Final = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?"
_MONTH: Final = r"(?:0?[1-9]|1[0-2])"
_MONTH_DAY: Final = r"(?:0?[1-9]|[12][0-9]|3[01])"
_DAY: Final = rf"[0-9]{{4}}(?:年{_MONTH}月{_MONTH_DAY}日|-{_MONTH}-{_MONTH_DAY})"
_DATE: Final = rf"{_DAY}(?: {_MOMENT})?"
_TIME: Final = rf"(?:{_DAY} )?{_MOMENT}"

Rule: TypeAlias = Callable[[str], str | None]


def fit(key: str, text: str) -> str:
    """Return the text cut to the rule of its key (`thing1`, `amount2`, …); an unknown key takes any text but an empty one.

    Raises UnfitValue when it is empty, or breaks a rule that cutting cannot satisfy.
    """
    shown = _BLANKS.sub(" ", legal(text)).strip()
    found = _KEY.fullmatch(key)
    rule = _RULES.get(found.group(1), _any_text) if found else _any_text
    fitted = rule(shown) if shown else None
    if not fitted:
        raise UnfitValue("template value", errmsg=f"{key} cannot take this text")
    return fitted


def fit_all(data: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the data of a template or subscription message, every value fitted to its key.

    Raises UnfitValue.
    """
    return {key: {"value": fit(key, text)} for key, text in data.items()}


def _cut(limit: int, pattern: str = r".*") -> Rule:
    allowed = re.compile(pattern)
    return lambda text: cut_chars(text, limit) if allowed.fullmatch(text) else None


def _plain_cut(limit: int, pattern: str) -> Rule:
    """Cut without …, which these keys do not allow."""
    allowed = re.compile(pattern)
    return lambda text: text[:limit] if allowed.fullmatch(text) else None


def _whole(pattern: str) -> Rule:
    allowed = re.compile(pattern)
    return lambda text: text if allowed.fullmatch(text) else None


def _number(text: str) -> str | None:
    """Up to 32 digits; separators of thousands are dropped."""
    bare = text.replace(",", "")
    return bare if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", bare) and _digits(bare) <= 32 else None


def _amount(text: str) -> str | None:
    bare = text.replace(",", "")
    return bare if re.fullmatch(r"[¥￥$€£]?[0-9]{1,10}(\.[0-9]+)?元?", bare) else None


def _digits(text: str) -> int:
    return sum(char.isdigit() for char in text)


def _name(text: str) -> str | None:
    """Up to 20 letters and symbols, or up to 10 characters once any is Chinese; no digits."""
    if not re.fullmatch(rf"[{_HAN}· !-/:-~]+", text):
        return None
    return text[: 10 if re.search(rf"[{_HAN}]", text) else 20].rstrip()


def _any_text(text: str) -> str | None:
    return text


_RULES: Final[dict[str, Rule]] = {
    "thing": _cut(20),
    "number": _number,
    "letter": _plain_cut(32, r"[A-Za-z]+"),
    "symbol": _plain_cut(5, r"[^\w\s]+"),
    "character_string": _whole(r"[!-~]{1,32}"),
    "time": _whole(rf"{_TIME}(?: ?~ ?{_TIME})?"),
    "date": _whole(rf"{_DATE}(?: ?~ ?{_DATE})?"),
    "amount": _amount,
    "phone_number": _whole(r"[0-9+\-() ]{1,17}"),
    "car_number": _whole(rf"[A-Za-z0-9{_HAN}·]{{1,8}}"),
    "name": _name,
    "phrase": _plain_cut(5, rf"[{_HAN}]+"),
}
