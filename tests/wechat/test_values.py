"""Template values, cut or refused by the rule of their key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechat.errors import BadRequest, UnfitValue
from wechat.values import fit, fit_all


@pytest.mark.parametrize(
    ("key", "text", "fitted"),
    [
        ("thing1", "每日签到", "每日签到"),
        ("thing1", "  多\n行\t文字 ", "多 行 文字"),
        ("thing12", "积" * 20, "积" * 20),
        ("thing1", "积" * 21, "积" * 19 + "…"),
        ("thing1", "a\x00b", "ab"),
        ("number2", "1,200", "1200"),
        ("number2", "-3.50", "-3.50"),
        ("letter3", "A" * 40, "A" * 32),
        ("symbol1", "!!!!!!!", "!!!!!"),
        ("character_string4", "R:8F3K-01", "R:8F3K-01"),
        ("time5", "2019年10月1日 15:01", "2019年10月1日 15:01"),
        ("time5", "2019-10-01 15:01:01", "2019-10-01 15:01:01"),
        ("time5", "15:01", "15:01"),
        ("time5", "15:01~16:30", "15:01~16:30"),
        ("date6", "2026年11月22日", "2026年11月22日"),
        ("date6", "2026-11-22 23:59", "2026-11-22 23:59"),
        ("amount7", "¥1,234.50元", "¥1234.50元"),
        ("amount7", "100", "100"),
        ("phone_number8", "+86-020-66888888", "+86-020-66888888"),
        ("car_number9", "粤A8Z888挂", "粤A8Z888挂"),
        ("name10", "欧阳娜娜欧阳娜娜欧阳娜", "欧阳娜娜欧阳娜娜欧阳"),
        ("name10", "Jean-Luc Picard", "Jean-Luc Picard"),
        ("name10", "A" * 25, "A" * 20),
        ("phrase11", "积分到账了", "积分到账了"),
        ("phrase11", "积分已经到账", "积分已经到"),
        ("const12", "已完成", "已完成"),
        ("keyword1", "随意", "随意"),
        ("remark", "随意", "随意"),
    ],
)
def test_fits(key: str, text: str, fitted: str) -> None:
    assert fit(key, text) == fitted


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("thing1", ""),
        ("thing1", " \n "),
        ("thing1", "\x00"),
        ("number1", "十"),
        ("number1", "1" * 33),
        ("number1", "１２"),
        ("number1", "1."),
        ("letter1", "A1"),
        ("symbol1", "a"),
        ("character_string1", "积分"),
        ("character_string1", "A" * 33),
        ("time1", "25:00"),
        ("time1", "2019-13-01 15:01"),
        ("time1", "昨天"),
        ("date1", "15:01"),
        ("amount1", "¥" + "1" * 11),
        ("amount1", "$$1"),
        ("phone_number1", "1" * 18),
        ("phone_number1", "电话"),
        ("car_number1", "粤A8Z8888警挂"),
        ("name1", "user123"),
        ("phrase1", "OK"),
    ],
)
def test_cannot_fit(key: str, text: str) -> None:
    with pytest.raises(UnfitValue, match=key) as refused:
        fit(key, text)
    assert isinstance(refused.value, BadRequest)


KEYS = ["thing1", "letter2", "symbol3", "name4", "phrase5", "number6", "amount7", "character_string8", "x"]


@given(st.sampled_from(KEYS), st.text())
def test_what_fits_fits_again(key: str, text: str) -> None:
    try:
        fitted = fit(key, text)
    except UnfitValue:
        return
    assert fit(key, fitted) == fitted


def test_fit_all_is_the_platforms_shape() -> None:
    assert fit_all({"thing1": "签到", "number2": "10"}) == {
        "thing1": {"value": "签到"},
        "number2": {"value": "10"},
    }
