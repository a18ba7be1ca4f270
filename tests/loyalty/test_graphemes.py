"""One visible character, however many code points it takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.members.graphemes import first_grapheme
from loyalty.members.profile import mask

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
CHINA, JAPAN = "\U0001f1e8\U0001f1f3", "\U0001f1ef\U0001f1f5"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    ("nickname", "expected"),
    [
        ("小明", "小**"),
        ("\U00020bb7野家", "\U00020bb7**"),
        ("Anna", "A**"),
        ("e\u0301milie", "e\u0301**"),
        ("\u00e9milie", "\u00e9**"),
        (f"{CHINA}{JAPAN}", f"{CHINA}**"),
        (CHINA[0] + "x", f"{CHINA[0]}**"),
        (f"{FAMILY}一家", f"{FAMILY}**"),
        ("\U0001f44d\U0001f3fd好", "\U0001f44d\U0001f3fd**"),
        ("\u2764\ufe0f爱", "\u2764\ufe0f**"),
        ("1\ufe0f\u20e3号", "1\ufe0f\u20e3**"),
        (f"{SCOTLAND}!", f"{SCOTLAND}**"),
        ("\u0e19\u0e49\u0e33", "\u0e19\u0e49**"),
        ("", "会员**42"),
        (None, "会员**42"),
    ],
)
def test_a_masked_name_shows_its_first_character_whole(nickname: str | None, expected: str) -> None:
    assert mask(nickname, 1142) == expected


@given(st.text())
def test_it_is_a_beginning_and_takes_something(text: str) -> None:
    first = first_grapheme(text)
    assert text.startswith(first)
    assert bool(first) is bool(text)
    assert first_grapheme(first) == first
