"""The brand's looks: what a rule set may say, and what it says by default."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from loyalty.programme.general.theme import Theme, contrast
from loyalty.programme.rules import RuleSet
from tests.ledger import rules_with

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"color": "#F00000"}, "color"),
    ({"color": "red"}, "color"),
    ({"color": "#f2c46d"}, "在白底上的对比度是 1.6，要 4.5 以上才看得清"),
    ({"accent": "#2f5d50"}, "在品牌色上的对比度是 1.0，要 3 以上才看得清"),
    ({"radius": 29}, "radius"),
    ({"radius": -1}, "radius"),
    ({"logo": "http://cdn.example.com/logo.png"}, "应为 https:// 开头的图片网址"),
    ({"logo": "https://user@cdn.example.com/logo.png"}, "应为 https:// 开头的图片网址"),
    ({"logo": "https://cdn.example.com/a b.png"}, "应为 https:// 开头的图片网址"),
    ({"pictures": ["javascript:alert(1)"]}, "应为 https:// 开头的图片网址"),
    ({"logo": "/pictures/../app/logo.svg"}, "或者 /pictures/ 里随程序附带的图片"),
    ({"logo": "/pictures/logo.svg?x"}, "或者 /pictures/ 里随程序附带的图片"),
    ({"pictures": ["https://cdn.example.com/1.jpg"] * 7}, "最多写 6 项"),
]


@pytest.mark.parametrize(("theme", "sentence"), REFUSED)
def test_what_nobody_could_read_is_refused(theme: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        rules_with(programme={"name": "积分", "brand": "店", "theme": theme})


@pytest.mark.parametrize(
    "address", ["http://cdn.example.com/latte.png", "latte.png", "https://cdn.example.com/" + "a" * 500]
)
def test_a_reward_has_a_picture_by_https(address: str) -> None:
    body = rules_with().model_dump(mode="json")
    body["rewards"][0]["picture"] = "https://cdn.example.com/latte.png"
    assert (
        RuleSet.model_validate_json(json.dumps(body)).rewards[0].picture
        == "https://cdn.example.com/latte.png"
    )
    body["rewards"][0]["picture"] = address
    with pytest.raises(ValidationError, match=r"https:// 开头的图片网址|500"):
        RuleSet.model_validate_json(json.dumps(body))


def test_a_stored_theme_stays_readable() -> None:
    body = rules_with().model_dump(mode="json")
    body["programme"]["theme"]["color"] = "#f2c46d"
    assert RuleSet.model_validate_json(json.dumps(body), context={"stored": True})


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [("#ffffff", "#000000", 21.0), ("#767676", "#ffffff", 4.54), ("#123456", "#123456", 1.0)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, wanted: float) -> None:
    assert contrast(one, other) == pytest.approx(wanted, abs=0.01)


def test_the_defaults_pass() -> None:
    assert Theme.model_validate(Theme().model_dump()) == Theme()
