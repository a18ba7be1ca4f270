"""The help of an item for whoever fills in a form: what only the writer of a file needs is left out, such as codes."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

_LEFT_OUT: Final = (
    (re.compile(r"[，；]?写 ?(?:\w+ ?里的|等级的|门店的|转盘的|它的)编号(?:，如 \w+)?"), ""),
    (re.compile(r"（1 元写 100）|，?1 元写 100"), ""),
    (re.compile(r"，单位是分：[^。；]*"), ""),
    (re.compile(r"，消费写分|消费写分"), ""),
    (re.compile(r"百万分之几；"), ""),
    (re.compile(r"正好是 1000000"), "正好是 100%"),
    (re.compile(r"多少分钱"), "多少钱"),
    (re.compile(r"，加引号|加引号的"), ""),
    (re.compile(r'，如 (?:\w+: )?\{[^}]*\}|，如 "([^"]*)"'), r"，如 \1"),
    (re.compile(r"，如 (?=[。；])"), ""),
    (re.compile(r"[；，]写 null[^。；]*|发布时写 --[^。]*。"), ""),
    (re.compile(r"写 true(?: 表示|：)?"), "打开表示"),
    (re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)"), r"\1 \2"),
    (re.compile(r"或另写 points 和 per_fen"), "或另外设置"),
    (re.compile(r"不写"), "不填"),
)
_WORD: Final = re.compile(r"(?<![\w「])[a-z]+_[a-z_]+\b|(?<![\w「])[a-z]{2,}\b")


def form_help(text: str, codes: Iterable[str], titles: Mapping[str, str]) -> str:
    """The help as a form shows it: the item's own `codes` go, keys of other items are replaced by their `titles`."""
    for code in codes:
        text = re.sub(rf"(?<![\w]){re.escape(code)}(?: |：)(?=[^\x00-\x7f]|\d)", "", text)
    for pattern, instead in _LEFT_OUT:
        text = pattern.sub(instead, text)
    text = _WORD.sub(lambda found: f"「{titles[found[0]]}」" if found[0] in titles else found[0], text)
    return re.sub(r" ?(「[^」]*」) ?", r"\1", text).strip()
