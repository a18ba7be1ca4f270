"""The wheel stops where the draw fell, whatever the number of places and however often it has turned before."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.phone.mini.wheel_svg import face_svg, stop_angle

places_and_place = st.integers(2, 64).flatmap(
    lambda places: st.tuples(st.just(places), st.integers(0, places - 1))
)


def place_under_pointer(rotation: float, places: int) -> int:
    """Which place is at the top after this rotation."""
    return int(-rotation % 360 // (360 / places))


@given(wanted=places_and_place, spins=st.lists(st.integers(0, 63), max_size=20))
def test_it_stops_at_the_drawn_place_after_any_history(wanted: tuple[int, int], spins: list[int]) -> None:
    places, place = wanted
    rotation = 0.0
    for earlier in spins:
        rotation = stop_angle(rotation, earlier % places, places)
    assert place_under_pointer(stop_angle(rotation, place, places), places) == place


@given(current=st.floats(0, 1e6), wanted=places_and_place)
def test_it_always_turns_forward_by_six_to_seven_turns(current: float, wanted: tuple[int, int]) -> None:
    places, place = wanted
    assert 6 * 360 - 1e-6 <= stop_angle(current, place, places) - current <= 7 * 360 + 1e-6


@pytest.mark.parametrize(
    ("place", "places", "rotation"),
    [(0, 8, 2497.5), (7, 8, 2182.5), (0, 2, 2430.0), (1, 2, 2250.0), (3, 4, 2205.0)],
)
def test_the_first_spin(place: int, places: int, rotation: float) -> None:
    assert stop_angle(0.0, place, places) == rotation


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("5 积分", ["5 积分"]),
        ("手工曲奇一份", ["手工曲奇一份"]),
        ("精品咖啡豆 250 克装", ["精品咖啡豆", "250 克装"]),
        ("一二三四五六七八九十甲乙丙丁", ["一二三四五六", "七八九十甲…"]),
        ("<b>&", ["<b>&"]),
    ],
)
def test_a_label_takes_at_most_two_lines_and_is_never_markup(name: str, lines: list[str]) -> None:
    face = ElementTree.fromstring(face_svg([name, "谢谢惠顾"], [True, False]))  # noqa: S314 -- drawn by ourselves
    label = face.findall(".//text")[0]
    assert [line.text for line in label] == lines
