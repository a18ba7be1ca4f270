"""Cursors and limits."""

from dataclasses import dataclass

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from web.paging import PageRequest, page, read_cursor, read_page_request, write_cursor
from web.problems import Problem


@given(
    st.from_regex(r"[a-z][a-z0-9_:]{0,40}", fullmatch=True),
    st.lists(st.integers(0, 2**31 - 1), max_size=4).map(tuple),
)
def test_a_cursor_comes_back_as_its_place(name: str, place: tuple[int, ...]) -> None:
    assert read_cursor(name, write_cursor(name, place), [32] * len(place)) == place


@given(st.text(max_size=300))
def test_any_text_is_a_place_or_refused(cursor: str) -> None:
    try:
        place = read_cursor("entries", cursor, (64,))
    except Problem:
        return
    assert read_cursor("entries", write_cursor("entries", place), (64,)) == place


@pytest.mark.parametrize(
    ("name", "place", "widths"),
    [
        ("draws", (1,), (64,)),
        ("entries", (), (64,)),
        ("entries", (1, 2), (64,)),
        ("entries", (-1,), (64,)),
        ("entries", (2**63,), (64,)),
        ("entries", (2**31,), (32,)),
        ("entries", (True,), (64,)),
    ],
)
def test_another_lists_cursor_is_refused(name: str, place: tuple[int, ...], widths: tuple[int, ...]) -> None:
    with pytest.raises(Problem):
        read_cursor("entries", write_cursor(name, place), widths)


@dataclass(frozen=True)
class Row:
    number: int


@given(st.integers(0, 60), st.integers(1, 100))
def test_pages_cover_a_list_once(length: int, limit: int) -> None:
    rows = [Row(number) for number in range(length, 0, -1)]
    seen: list[Row] = []
    after = None
    while True:
        asked = PageRequest(limit, after)
        below = [row for row in rows if after is None or row.number < after[0]]
        shown = page("rows", below[: limit + 1], asked, lambda row: (row.number,))
        seen += shown.items
        if shown.next_cursor is None:
            break
        after = read_cursor("rows", shown.next_cursor, (64,))
    assert seen == rows


@pytest.mark.parametrize(
    ("query", "limit"), [("", 20), ("limit=1", 1), ("limit=100", 100), ("limit=7&limit=9", 7)]
)
def test_limits(query: str, limit: int) -> None:
    assert read_page_request(make_mocked_request("GET", f"/?{query}"), "rows", (64,)) == PageRequest(
        limit, None
    )
