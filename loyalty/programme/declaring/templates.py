"""Which facts the typed keys of a message template can take (WeChat docs: 订阅消息参数值内容限制说明).

WeChat refuses a value that breaks the rule of its key (47003), so a key that can never take its fact would lose every notice.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

from loyalty.programme.declaring.faults import Fault, OfDrafts

_KEY: Final = re.compile(r"([a-z_]+?)([0-9]*)", re.ASCII)
MOST_KEYS: Final = 10
FREE: Final = ("first", "keyword", "remark")
"""Keys of the older templates, which take any text."""
KINDS: Final = {
    "thing": "20 字以内的文字", "number": "数字", "letter": "英文字母", "symbol": "符号", "character_string": "英文、数字和符号",
    "time": "几点几分", "date": "日期", "amount": "金额", "phone_number": "电话号码", "car_number": "车牌号", "name": "姓名",
    "phrase": "5 个汉字以内的短语", "const": "模板里列好的选项", "enum": "模板里列好的选项",
}  # fmt: skip
"""The facts that each kind of key takes."""
FACTS: Final = {"brand": "品牌名", "points": "积分数", "last_day": "最后可用的日期", "tip": "一句提示"}
TAKEN_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "brand": ("thing", "name", "phrase", "letter", "character_string"),
    "points": ("number", "thing", "amount", "character_string"),
    "last_day": ("date", "thing"),
    "tip": ("thing",),
}
"""The kinds of key that can take a fact. `last_day` is a date such as 2026年11月3日."""
FOREVER: Final = ("thing", "phrase")
"""The kinds that can take `last_day` in a notice about no points in particular, where it is 长期有效."""
BRANDS: Final = {
    "letter": r"[A-Za-z]+", "character_string": r"[!-~]{1,32}", "phrase": "[\u4e00-\u9fff\u3400-\u4dbf]+",
    "name": "[\u4e00-\u9fff\u3400-\u4dbf· !-/:-~]+",
}  # fmt: skip
"""The brands that the narrower kinds can take."""


def kind_of(key: str) -> str:
    """The kind of a key, such as `thing` for `thing1`."""
    found = _KEY.fullmatch(key)
    return found[1].rstrip("_") if found else key


def key_faults(fields: Mapping[str, str]) -> list[Fault]:
    """Faults of the keys of a template, whatever notice it is for."""
    if not 1 <= len(fields) <= MOST_KEYS:
        return [Fault((), f"要写 1 到 {MOST_KEYS} 项，现在有 {len(fields)} 项")]
    found = []
    for key, fact in fields.items():
        if sentence := _key_fault(key) or _fact_fault(kind_of(key), fact, TAKEN_BY[fact]):
            found.append(Fault((key,), sentence))
    return found


def _key_fault(key: str) -> str | None:
    kind = kind_of(key)
    if kind in FREE:
        return None
    if kind in KINDS:
        return None if key[-1].isdigit() else f"字段名后面要有编号，如 {kind}1，照抄微信后台的写法"
    close = get_close_matches(kind, KINDS, n=1)
    meant = f"，是不是想写 {close[0]}{key[len(kind) :]}？" if close else "；常用的有 thing1、number2、date3"
    return f"微信模板里没有这种字段{meant}"


def _fact_fault(kind: str, fact: str, kinds: tuple[str, ...]) -> str | None:
    if kind in FREE or kind in kinds:
        return None
    return f"{kind} 字段只能填{KINDS[kind]}，填不了 {fact}（{FACTS[fact]}）；{fact} 可以用 {'、'.join(kinds)} 字段"


def without_date() -> OfDrafts:
    """A template of a notice whose `last_day` is always 长期有效."""

    def check(template: Any) -> list[Fault]:
        sentences = {
            key: f"这条提醒里 last_day 填的是「长期有效」，不是日期；{kind_of(key)} 字段填不了，可以用 {'、'.join(FOREVER)} 字段"
            for key, fact in template.fields.items()
            if fact == "last_day" and kind_of(key) not in (*FREE, *FOREVER)
        }
        return [Fault(("fields", key), sentence) for key, sentence in sentences.items()]

    return OfDrafts(check)


def brand_faults(fields: Mapping[str, str], brand: str) -> list[Fault]:
    """Faults of keys that cannot take this brand."""
    found = []
    for key, fact in fields.items():
        kind = kind_of(key)
        if fact == "brand" and kind in BRANDS and not re.fullmatch(BRANDS[kind], brand):
            found.append(
                Fault((key,), f"{kind} 字段只能填{KINDS[kind]}，填不了品牌名「{brand}」；可以用 thing 字段")
            )
    return found
