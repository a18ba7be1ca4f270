"""The reference of all items of a rule file, in Chinese, generated from the model."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from types import NoneType
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import annotated_types
from pydantic import StringConstraints
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from loyalty.programme.declaring.faults import OfDrafts
from loyalty.programme.outline.items import UNIONS, bare, items_of, sections, values_of
from loyalty.programme.rules import RuleSet

HEAD: Final = """# 规则文件的写法

本页由 `jifen rules reference` 从程序的规则模型生成，请不要手改。

规则写成一个 YAML 文件，`runtime/demo/rules.yaml` 是一份完整的例子。`jifen rules validate 文件` 会一次列出全部问题，并指出在第几行；
`jifen rules diff 文件` 说明和已发布的规则相比改了什么；`jifen rules publish 文件 --base N --reason '…'` 发布。

几条通用的写法：缩进用空格；冒号、引号、括号都用英文的，冒号后面空一格；是或否写 true 或 false；像 `0150`、`12:30`、`yes` 这样
有几种读法的文字要加引号；同一项不能写两次；名称只占一行，不能有看不见的字符。
"""


KINDS: Final = {
    int: "整数",
    str: "文字",
    bool: "`true` 或 `false`",
    date: "日期",
    datetime: "日期和时间",
    time: "几点几分",
}


def reference() -> str:
    """The whole page as Markdown."""
    return "\n".join([HEAD, *(line for where, items in sections() for line in _section(where, items))])


def _section(where: tuple[str, ...], items: dict[str, FieldInfo]) -> Iterator[str]:
    yield f"## {' › '.join(where)}（{_titles(where)}）\n" if where else "## 最外层\n"
    yield "| 写法 | 名称 | 说明 | 可以填 | 不写时 |"
    yield "|---|---|---|---|---|"
    for key, item in items.items():
        description = (item.description or "").replace("|", "\\|")
        yield f"| `{key}` | {item.title} | {description} | {_values(item)} | {_default(item)} |"
    yield ""


def _titles(where: tuple[str, ...]) -> str:
    found: list[str] = []
    annotation: Any = RuleSet
    for key in where:
        item = items_of(annotation)[key]
        found.append(item.title or key)
        annotation = values_of(item.annotation) or item.annotation
    return " › ".join(found)


def _values(item: FieldInfo) -> str:
    """The allowed values: the type, and its bounds."""
    null = "也可以写 `null`" if item.default is not None and NoneType in get_args(item.annotation) else ""
    told = [_kinds(item.annotation), *_bounds(item.annotation, item.metadata), null]
    return "，".join(dict.fromkeys(word for word in told if word))


def _kinds(annotation: Any) -> str:
    """The kinds of values that may be written, without null."""
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    if get_origin(annotation) in UNIONS:
        return "，或".join(_kinds(one) for one in get_args(annotation) if one is not NoneType)
    return _kind(annotation)


def _kind(inner: Any) -> str:
    if items_of(inner):
        return "列表，写法见下" if get_origin(inner) is tuple else "一组项目，写法见下"
    if get_origin(inner) is Literal:
        return "、".join("`true`" if value is True else f"`{value}`" for value in get_args(inner))
    if get_origin(inner) is tuple:
        element = bare(get_args(inner)[0])
        return (
            "每项两个整数的列表"
            if get_origin(element) is tuple
            else f"列表，每项是{_kinds(get_args(inner)[0])}"
        )
    if get_origin(inner) in (dict, Mapping):
        return f"名称和值，值是{_kinds(get_args(inner)[1])}"
    return KINDS[inner]


def _bounds(annotation: Any, metadata: list[Any]) -> Iterator[str]:
    yield from _together([*_annotated(annotation), *metadata])


def _annotated(annotation: Any) -> Iterator[Any]:
    """The constraints within an annotation, below None and around the element itself."""
    if get_origin(annotation) is Annotated:
        yield from _annotated(get_args(annotation)[0])
        yield from get_args(annotation)[1:]
    elif get_origin(annotation) in UNIONS:
        for one in get_args(annotation):
            yield from _annotated(one)


def _together(constraints: list[Any]) -> Iterator[str]:
    flat = [part for one in constraints for part in (one.metadata if isinstance(one, FieldInfo) else [one])]
    lows: list[Any] = [one.ge for one in flat if isinstance(one, annotated_types.Ge)]
    highs: list[Any] = [one.le for one in flat if isinstance(one, annotated_types.Le)]
    if lows and highs:
        yield f"{max(lows):,} 到 {min(highs):,}"
    elif lows:
        yield f"最小 {max(lows):,}"
    for one in flat:
        yield from _bound(one)


def _bound(one: Any) -> Iterator[str]:
    if isinstance(one, OfDrafts) and one.bound:
        yield one.bound
    elif isinstance(one, annotated_types.MinLen):
        yield f"至少 {one.min_length} 项"
    elif isinstance(one, annotated_types.MaxLen):
        yield f"最多 {one.max_length} 项"
    elif isinstance(one, StringConstraints):
        if one.pattern:
            hyphens = "、连字符" if "_-" in str(one.pattern) else ""
            yield f"小写字母、数字{hyphens}和下划线，最多 32 个"
        if one.max_length:
            yield f"{one.min_length or 0} 到 {one.max_length} 个字"


def _default(item: FieldInfo) -> str:
    if item.default is PydanticUndefined:
        return "必须写"
    if isinstance(item.default, bool):
        return "`true`" if item.default else "`false`"
    if isinstance(item.default, int):
        return f"{item.default:,}"
    if isinstance(item.default, str) and item.default:
        return f"`{item.default}`"
    if isinstance(item.default, tuple) and item.default:
        return f"`{[list(one) for one in item.default]}`"
    return "没有" if item.default in (None, "", ()) else "见下"
