"""The values that the typed keys of a message template accept (WeChat docs: 订阅消息参数值内容限制说明)."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from emulator.errors import PlatformError

_KEY = re.compile(r"([a-z_]+?)\d+")
_DAYS = ("%Y-%m-%d", "%Y年%m月%d日", "%Y/%m/%d", "%Y.%m.%d")
_HOURS = ("%H:%M", "%H:%M:%S")


def known_key(key: str) -> bool:
    """Whether `RULES` has the key's type (`thing` for `thing1`)."""
    match = _KEY.fullmatch(key)
    return match is not None and match[1] in RULES


def check_value(key: str, filled: object) -> str:
    """The value of `{"value": str}` for this key. Raises PlatformError 47003, naming the key."""
    value = filled.get("value") if isinstance(filled, Mapping) else None
    if value is None or value == "":
        raise PlatformError(47003, f"data.{key}.value is emtpy")
    match = _KEY.fullmatch(key)
    if not isinstance(value, str) or not value.strip() or match is None or not RULES[match[1]](value):
        raise PlatformError(47003, f"data.{key}.value invalid")
    return value


def _like(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def _is_number(value: str) -> bool:
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value) is not None and sum(map(str.isdigit, value)) <= 32


def _each_moment(value: str, formats: tuple[str, ...]) -> bool:
    moments = [moment.strip() for moment in value.split("~")]
    return len(moments) <= 2 and all(_is_moment(moment, formats) for moment in moments)


def _is_moment(moment: str, formats: tuple[str, ...]) -> bool:
    for form in formats:
        try:
            datetime.strptime(moment, form)  # noqa: DTZ007 -- only the format is checked, the result is not used
        except ValueError:
            continue
        return True
    return False


_DAYS_WITH_HOURS = tuple(f"{day} {hour}" for day in _DAYS for hour in _HOURS)


def _is_date(value: str) -> bool:
    return _each_moment(value, _DAYS + _DAYS_WITH_HOURS)


def _is_time(value: str) -> bool:
    return _each_moment(value, _HOURS + _DAYS_WITH_HOURS)


RULES: dict[str, Callable[[str], bool]] = {
    "thing": lambda value: len(value) <= 20,
    "number": _is_number,
    "letter": _like(r"[A-Za-z]{1,32}"),
    "symbol": _like(r"[^\w\s]{1,5}"),
    "character_string": _like(r"[\x20-\x7e]{1,32}"),
    "time": _is_time,
    "date": _is_date,
    "amount": _like(r"[¥￥$€£]?[0-9]{1,10}(\.[0-9]+)?元?"),
    "phone_number": _like(r"[0-9+\-() *#]{1,17}"),
    "car_number": _like(r"[\u4e00-\u9fff]?[A-Za-z0-9]{1,7}[\u4e00-\u9fff]?|[\u4e00-\u9fff]?[A-Za-z0-9]{1,6}"),
    "name": _like(r"[\u4e00-\u9fff]{1,10}|[\x20-\x7e·]{1,20}"),
    "phrase": _like(r"[\u4e00-\u9fff]{1,5}"),
}
