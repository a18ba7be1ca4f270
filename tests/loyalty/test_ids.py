"""Ids come from outside: what is none is known for it before a database hears of it."""

import pytest

from loyalty.ledger.ids import draw_id, draw_key, is_id, redemption_id, redemption_key

LARGEST = 999_999_999_999_999_999

MADE: list[tuple[str, tuple[int, int] | None, tuple[int, int] | None]] = [
    ("1-1", (1, 1), (1, 1)),
    ("7-0", None, (7, 0)),
    ("0-1", None, None),
    ("2147483647-1", (2**31 - 1, 1), (2**31 - 1, 1)),
    ("2147483648-1", None, (2**31, 1)),
    ("1-2147483648", (1, 2**31), None),
    (f"1-{LARGEST}", (1, LARGEST), None),
    (f"{LARGEST}-1", None, (LARGEST, 1)),
    (f"{LARGEST + 1}-1", None, None),
    *((text, None, None) for text in ("", "1", "-", "1-", "-1", "1-1-1", "01-1", "1-01", "1_0-1", "+1-1", "1-1 ", "1-1\n", "１-1")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "drawn", "redeemed"), MADE)
def test_two_numbers(text: str, drawn: tuple[int, int] | None, redeemed: tuple[int, int] | None) -> None:
    assert (draw_key(text), redemption_key(text)) == (drawn, redeemed)
    assert drawn is None or draw_id(*drawn) == text
    assert redeemed is None or redemption_id(*redeemed) == text


@pytest.mark.parametrize(
    ("text", "fits"),
    [("lucky", True), ("a", True), ("a_1", True), ("a" * 32, True), ("a" * 33, False), ("", False), ("1a", False),
     ("_a", False), ("A", False), ("a\n", False), ("a-b", False), ("杯", False), ("a\0", False)],
)  # fmt: skip
def test_words(text: str, fits: bool) -> None:
    assert is_id(text) is fits
