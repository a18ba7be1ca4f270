"""Faults that pydantic found in a rule set, as Chinese sentences."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic_core import ErrorDetails

from loyalty.programme.declaring.faults import perhaps
from loyalty.programme.declaring.texts import shown

Context = Mapping[str, Any]


def value_text(value: object) -> str:
    """A value as a sentence names it."""
    if isinstance(value, str):
        return f"文字「{shown(value)}」"
    if isinstance(value, bool):
        return f" {str(value).lower()}"
    if value is None:
        return "空的"
    if isinstance(value, int | float):
        return f" {value:,}" if isinstance(value, int) else f" {value}"
    return "一组项目" if isinstance(value, Mapping) else "一个列表"


def _hint(value: object) -> str:
    """The fault, where the value shows it."""
    if isinstance(value, str) and ":" in value:
        return "；冒号后面要空一格"
    if isinstance(value, str) and "：" in value:
        return "；冒号要用英文的 : ，后面空一格"
    return ""


def _integer(value: object, _: Context) -> str:
    if isinstance(value, str) and value.strip().isascii() and value.strip().lstrip("-").isdigit():
        return f"要写整数，请去掉引号，写成 {value.strip()}"
    if isinstance(value, str) and value.isdecimal():
        return "要写整数，请用半角的数字"
    return f"要写整数，现在写的是{value_text(value)}"


def _text(value: object, _: Context) -> str:
    if isinstance(value, int | float):
        return f'要写文字；如果就是这几个字，请加上引号，写成 "{str(value).lower()}"'
    return f"要写文字，现在写的是{value_text(value)}"


def _choice(value: object, context: Context) -> str:
    choices = [
        "true" if word == "True" else word.strip(" '")
        for word in context["expected"].replace(" or ", ", ").split(", ")
    ]
    meant = perhaps(value, choices) if isinstance(value, str) else ""
    written = value_text(value).removeprefix("文字")
    only = choices[0] if len(choices) == 1 else f"{'、'.join(choices)} 之一"
    return f"只能写 {only}，现在写的是{written}{meant}"


def _id(value: object, context: Context) -> str:
    if "-" in context["pattern"].replace("a-z", "").replace("0-9", ""):
        return f"编号只含小写英文字母、数字、下划线和连字符，最多 32 个，现在写的是{value_text(value)}"
    return f"编号要以小写英文字母开头，只含小写字母、数字和下划线，最多 32 个，现在写的是{value_text(value)}"


def _mapping(value: object, _: Context) -> str:
    return f"下面要写一组项目，现在写的是{value_text(value)}{_hint(value)}"


def _list(value: object, _: Context) -> str:
    return f"要写成列表，每一项前面加 - 或者用 [ ] 括起来，现在写的是{value_text(value)}{_hint(value)}"


SENTENCES: Final[dict[str, Callable[[Any, Context], str]]] = {
    "bool_type": lambda value, _: f"要写 true 或 false，现在写的是{value_text(value)}",
    "dataclass_type": _mapping,
    "dict_type": _mapping,
    "greater_than_equal": lambda value, context: f"不能小于 {context['ge']:,}，现在写的是{value_text(value)}",
    "int_type": _integer,
    "less_than_equal": lambda value, context: f"不能大于 {context['le']:,}，现在写的是{value_text(value)}",
    "literal_error": _choice,
    "model_type": _mapping,
    "string_pattern_mismatch": _id,
    "string_too_long": lambda value, context: f"最多 {context['max_length']} 个字，现在有 {len(value):,} 个",
    "string_too_short": lambda _, __: "不能是空的",
    "string_type": _text,
    "too_long": lambda _, context: f"最多写 {context['max_length']} 项，现在有 {context['actual_length']} 项",
    "too_short": lambda _, context: (
        f"至少写 {context['min_length']} 项，现在有 {context['actual_length']} 项"
    ),
    "tuple_type": _list,
    "value_error": lambda _, context: str(context["error"]),
}
"""By pydantic's type of error: (value, context) → sentence. A test compares it with what the rule set's schema can raise."""


def sentence_of(error: ErrorDetails) -> str:
    """The sentence for an error about a value. A missing or unknown key has none: it needs the keys around it."""
    found = SENTENCES.get(error["type"])
    return found(error["input"], error.get("ctx", {})) if found else "写法不对"
