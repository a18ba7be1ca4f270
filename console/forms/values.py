"""What people type and read, and the JSON values of the rules: amounts in yuan, odds in per cent, whole numbers with commas."""

import re
from decimal import Decimal
from typing import Any, Final

from console.forms.shapes import Number, Unit

SCALES: Final[dict[Unit, int]] = {"fen": 100, "ppm": 10_000}
SUFFIXES: Final[dict[Unit, str]] = {
    "fen": "元", "ppm": "%", "days": "天", "months": "个月", "points": "分", "hours": "小时", "times": "次",
}  # fmt: skip
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,6})?")


def shown_number(value: Any, shape: Number) -> str:
    """A number as people write it; a value that is none is shown as it is, so that nothing typed is lost."""
    if isinstance(value, bool) or not isinstance(value, int):
        return "" if value is None else str(value)
    scale = SCALES.get(shape.unit)
    if scale is None:
        return str(value)
    return f"{(Decimal(value) / scale).normalize():f}"


def typed_number(text: str, shape: Number) -> int | str | None:
    """The value of what was typed; None for nothing, and the text itself for what is no such number: validation names it."""
    typed = (
        text.strip()
        .replace(",", "")
        .replace("，", "")
        .removesuffix("元")
        .removesuffix("%")
        .removesuffix("分")
    )
    if not typed:
        return None
    if not _NUMBER.fullmatch(typed):
        return text
    number = Decimal(typed) * SCALES.get(shape.unit, 1)
    return int(number) if number == number.to_integral_value() else text


def typed_free(text: str) -> int | str | bool | None:
    """A free value: a whole number where it is one, yes or no, otherwise the text."""
    typed = text.strip()
    if not typed:
        return None
    if typed in ("是", "否", "true", "false"):
        return typed in ("是", "true")
    return int(typed) if typed.lstrip("-").isdecimal() and typed.isascii() else typed


def shown_free(value: Any) -> str:
    """A free value as people write it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)
