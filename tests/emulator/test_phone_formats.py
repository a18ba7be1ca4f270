"""How the phone page words dates and names."""

from datetime import UTC, datetime

import pytest

from emulator.phone.elements.formats import (
    chat_time_text,
    full_day_text,
    initial,
    local,
)

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("then", "words"),
    [
        (datetime(2026, 11, 24, 1, 5, tzinfo=UTC), "09:05"),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), "00:00"),
        (datetime(2026, 11, 23, 15, 59, tzinfo=UTC), "昨天 23:59"),
        (datetime(2026, 11, 21, 4, 0, tzinfo=UTC), "星期六 12:00"),
        (datetime(2026, 11, 17, 4, 0, tzinfo=UTC), "11月17日 12:00"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "1月1日 00:00"),
        (datetime(2025, 12, 31, 15, 0, tzinfo=UTC), "2025年12月31日 23:00"),
    ],
)
def test_chat_times(then: datetime, words: str) -> None:
    assert chat_time_text(then, NOON) == words


@pytest.mark.parametrize(("name", "character"), [("小明", "明"), ("bob", "B"), ("", "")])
def test_initials(name: str, character: str) -> None:
    assert initial(name) == character


def test_a_day_is_a_day_in_shanghai() -> None:
    assert full_day_text(local(datetime(2026, 11, 22, 17, 0, tzinfo=UTC)).date()) == "2026年11月23日 星期一"
