"""The operation log is told in Chinese: no key and no code of a program is left in it."""

import re
from pathlib import Path
from typing import Any

import pytest

import operators
from operators.operation_log.words import DEEDS, told


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ({}, []),
        ({"does": "add", "role": "clerk", "store": None}, ["做法：添加", "角色：店员"]),
        ({"points": -1500, "balance": 20, "debt": 0}, ["积分：-1,500", "余额：20", "欠分：0"]),
        ({"approval": "x7", "state": "asked", "may_owe": False}, ["审批：等另一个人决定", "不够扣时记欠分：否"]),
        ({"into": 12345, "growth": 12345}, ["并入会员：12345", "成长值：12,345"]),
        ({"scopes": ["events", "members"], "grace_h": 24.0}, ["权限：events、members", "旧密钥还能用（小时）：24"]),
        ({"newer": "<b>"}, ["newer：<b>"]),
    ],
)  # fmt: skip
def test_values_are_told_in_chinese(values: dict[str, Any], lines: list[str]) -> None:
    assert [f"{title}：{words}" for title, words in told(values)] == lines


def test_each_deed_has_its_words() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(operators.__path__[0]).rglob("*.py"))
    assert set(re.findall(r'"does": "([a-z_]+)"', sources)) <= set(DEEDS)
