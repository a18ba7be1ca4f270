import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.words import Said, list_number, parse, tidy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("签到", ("签到", "")),
        ("  签到\n", ("签到", "")),
        ("签到。", ("签到", "")),
        ("签到！！", ("签到", "")),
        ("「签到」", ("签到", "")),
        ("\u202e签\u200b到\ufeff", ("签到", "")),
        ("\u3000签到\u3000", ("签到", "")),
        ("签 到", ("签 到", "")),
        ("我要签到", ("我要签到", "")),
        ("兑换", ("兑换", "")),
        ("兑换2", ("兑换", "2")),
        ("兑换 2", ("兑换", "2")),
        ("兑换　２。", ("兑换", "2")),
        ("兑换：2", ("兑换", "2")),
        ("兑换第二个", ("兑换", "2")),
        ("兑换十", ("兑换", "10")),
        ("兑换二十一", ("兑换", "21")),
        ("兑换十十", ("兑换", "十十")),
        ("兑换一二", ("兑换", "一二")),
        ("兑换 007", ("兑换", "7")),
        ("规则 3", ("规则", "3")),
        ("规则在哪", ("规则在哪", "")),
        ("兑换 0", ("兑换", "0")),
        ("兑换 -1", ("兑换", "-1")),
        ("兑换 2.5", ("兑换", "2.5")),
        ("兑换 拿铁", ("兑换", "拿铁")),
        ("兑换 ٣", ("兑换", "٣")),
        ("兑换 9999999999999", ("兑换", "9999999999999")),
        ("兑换码是什么", ("兑换码是什么", "")),
        ("「兑换 1」", ("兑换", "1")),
        ("我的兑换", ("我的兑换", "")),
        ("退订提醒", ("退订提醒", "")),
        ("？", ("", "")),
        ("", ("", "")),
    ],
)
def test_what_was_said(text: str, expected: tuple[str, str]) -> None:
    assert parse(text) == Said(*expected)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [("1", 1), ("20", 20), ("0", 0), ("-1", None), ("2.5", None), ("拿铁", None), ("", None), ("٣", None),
     ("999999999", 999_999_999), ("9999999999999", None)],
)  # fmt: skip
def test_number_of_an_argument(argument: str, expected: int | None) -> None:
    assert list_number(argument) == expected


@given(st.text(max_size=200))
def test_anything_can_be_said(text: str) -> None:
    word, argument = parse(text)
    assert word == tidy(word) or argument
    assert not argument or word in ("兑换", "规则")


@given(st.integers(min_value=1, max_value=99))
def test_chinese_numerals_say_the_same_as_digits(number: int) -> None:
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    spoken = ("" if tens < 2 else digits[tens]) + ("十" if tens else "") + (digits[ones] if ones else "")
    assert parse(f"兑换{spoken}").argument == str(number)
