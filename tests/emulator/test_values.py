"""What typed keys of a template accept, and how a filled template reads."""

from pathlib import Path

import pytest

from emulator.errors import PlatformError
from emulator.templates import load_templates
from emulator.values import check_value, known_key

EXPIRY = "p-OKCC1oJX2JHEIYc0Oel6N9EgtXY2TxFtL7KZ_a239"

VALUES: list[tuple[str, object, bool]] = [
    ("thing1", "积分俱乐部", True),
    ("thing1", "字" * 20, True),
    ("thing1", "字" * 21, False),
    ("thing1", "   ", False),
    ("thing1", 5, False),
    ("number2", "120", True),
    ("number2", "-1.5", True),
    ("number2", "1" * 32, True),
    ("number2", "1" * 33, False),
    ("number2", "1,200", False),
    ("number2", "120分", False),
    ("number2", 120, False),
    ("number2", "１２０", False),
    ("date3", "2026年3月2日", True),
    ("date3", "2026-03-02", True),
    ("date3", "2026-03-02 15:01:01", True),
    ("date3", "2026年3月2日 15:01~2026年3月3日 15:01", True),
    ("date3", "2026-02-30", False),
    ("date3", "3月2日", False),
    ("date3", "明天", False),
    ("time4", "15:01", True),
    ("time4", "2026年3月2日 15:01", True),
    ("time4", "2026-03-02 25:01", False),
    ("time4", "2026-03-02", False),
    ("amount1", "¥12.50元", True),
    ("amount1", "12345678901", False),
    ("letter1", "abcXYZ", True),
    ("letter1", "abc1", False),
    ("symbol1", "!!?", True),
    ("symbol1", "!!!!!!", False),
    ("character_string1", "AB-12 #3", True),
    ("character_string1", "单号12", False),
    ("character_string1", "x" * 33, False),
    ("phrase1", "已到账", True),
    ("phrase1", "已经到账了呀", False),
    ("phrase1", "ok", False),
    ("phone_number1", "+86-0766-66888866", True),
    ("phone_number1", "1" * 18, False),
    ("car_number1", "粤A8Z888", True),
    ("car_number1", "粤A8Z88888挂挂", False),
    ("name1", "张三丰", True),
    ("name1", "Zhang San", True),
    ("name1", "张三San", False),
]


@pytest.mark.parametrize(("key", "value", "fits"), VALUES)
def test_values(key: str, value: object, fits: bool) -> None:
    if fits:
        assert check_value(key, {"value": value}) == value
        return
    with pytest.raises(PlatformError) as refused:
        check_value(key, {"value": value})
    assert refused.value.errcode == 47003
    assert str(refused.value.body()["errmsg"]).startswith(f"argument invalid! data.{key}.value invalid rid: ")


@pytest.mark.parametrize("filled", [None, {}, {"value": ""}, {"value": None}, "text"])
def test_an_empty_value_is_told_in_the_platforms_own_spelling(filled: object) -> None:
    with pytest.raises(PlatformError, match=r"data\.thing1\.value is emtpy"):
        check_value("thing1", filled)


@pytest.mark.parametrize(
    ("key", "known"), [("thing12", True), ("thing", False), ("poem1", False), ("first", False)]
)
def test_known_keys(key: str, known: bool) -> None:
    assert known_key(key) is known


def test_a_filled_template_reads_as_on_the_phone() -> None:
    data = {"thing1": "积分俱乐部", "number2": "120", "date3": "2026年3月31日", "thing4": "快来用🎁吧"}
    filled = load_templates()[EXPIRY].fill({key: {"value": value} for key, value in data.items()})
    assert filled == "会员计划：积分俱乐部\n到期积分：120\n到期日期：2026年3月31日\n温馨提示：快来用□吧"


def test_a_template_file_with_a_key_of_unknown_type_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "templates.yaml"
    entry = "{template_id: T, title: t, primary_industry: p, deputy_industry: d, content: '诗：{{poem1.DATA}}', example: e}"
    file.write_text(f"mini_program: [{entry}]", encoding="utf-8")
    with pytest.raises(ValueError, match="poem1"):
        load_templates(file)
