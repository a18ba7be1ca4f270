"""Which tellings of a shelf some order explains, and which none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulation.order import in_turn, some_order, told_apart
from tests.simulation.prediction import ANY, Piece


def take(pieces: int) -> Piece:
    return Piece("cup", -pieces, pieces)


def none_left(left: int) -> Piece:
    return Piece("cup", 0, exactly=left)


GIVE = Piece("cup", 1)
TELLINGS: list[tuple[int, list[list[Piece]], bool]] = [
    (0, [], True),
    (2, [[take(1)], [take(1)], [none_left(0)]], True),
    (2, [[take(1)], [take(1)], [take(1)]], False),
    (2, [[take(1)], [none_left(0)]], False),
    (3, [[take(2)], [none_left(1)], [take(1)], [none_left(0)]], True),
    (3, [[none_left(2)], [take(2)], [take(1)]], True),
    (3, [[none_left(2)], [take(2)]], False),
    (1, [[take(1), GIVE], [take(1)], [none_left(0)]], True),
    (1, [[GIVE, take(1)], [take(1)], [none_left(2)]], True),
    (1, [[take(1), GIVE, none_left(0)]], False),
    (0, [[none_left(0)], [GIVE, none_left(0)]], False),
    (0, [[none_left(0)], [GIVE, none_left(0)], [take(1)]], True),
    (5, [[Piece("cup", -3, 3, 3)], [take(2)]], True),
    (5, [[Piece("cup", -3, 3, 3)], [take(1)]], False),
    (40, [[take(1)]] * 30 + [[take(2)]] * 5 + [[none_left(0)]] * 60 + [[none_left(3)]], True),
]


@pytest.mark.parametrize(("left", "chains", "explained"), TELLINGS)
def test_some_order(left: int, chains: list[list[Piece]], explained: bool) -> None:
    assert some_order(left, chains) is explained


APART: list[tuple[int, list[list[Piece]], bool]] = [
    (25, [[take(1)], [none_left(24)], [take(2), none_left(23)]], True),
    (25, [[take(1)], [none_left(21)], [take(2), none_left(23)]], False),
    (25, [[take(1)], [none_left(26)], [take(2), none_left(23)]], False),
    (2, [[take(1)], [take(2)], [none_left(0)]], False),
    (0, [[take(1)], [GIVE]], True),
    (0, [[take(1)], [none_left(0)]], False),
    (3, [[Piece("cup", 0, 4)], [GIVE]], True),
    (3, [[Piece("cup", 0, 5)], [GIVE]], False),
    (2, [[Piece("cup", -1, 2)], [Piece("cup", -1, 2)]], True),  # each still saw the piece of the other
    (1, [[Piece("cup", -1, 2)], [GIVE]], True),
    (1, [[Piece("cup", -1, 2)]], False),  # nobody can have left one more
]


@pytest.mark.parametrize(("left", "chains", "explained"), APART)
def test_told_apart(left: int, chains: list[list[Piece]], explained: bool) -> None:
    assert told_apart(left, chains) is explained


PIECES = st.builds(
    lambda delta, told: Piece("cup", delta, max(0, -delta), told),
    st.integers(-2, 1),
    st.sampled_from([ANY, ANY, 0, 1, 2]),
)


@given(st.integers(0, 3), st.lists(st.lists(PIECES, min_size=1, max_size=2), max_size=4))
def test_what_fits_an_order_may_have_been_told_apart(left: int, chains: list[list[Piece]]) -> None:
    assert not some_order(left, chains) or told_apart(left, chains)


def test_what_is_told_apart_may_fit_no_order() -> None:
    assert not some_order(*APART[0][:2])


def test_a_known_order() -> None:
    assert in_turn(2, [take(1), none_left(1), take(1), none_left(0)]) is None
    assert in_turn(2, [take(1), none_left(0)]) == none_left(0)
    assert in_turn(1, [take(2)]) == take(2)
