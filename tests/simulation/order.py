"""Whether some order explains what members were told of a shelf, when they came at once and nobody saw who was first.

Each member's own events keep their order. A step that changes nothing (a refusal that names what is left) is taken as soon as it
fits: it can never stand in the way later. The others are tried, those that are alike once.
"""

from collections.abc import Iterable, Sequence

from tests.simulation.prediction import ANY, Piece

Chain = tuple[Piece, ...]
MOST_TRIES = 200_000


def fits(piece: Piece, left: int) -> bool:
    """Whether the event can be told when so much is left."""
    return left >= piece.at_least and piece.exactly in (ANY, left)


def in_turn(left: int, pieces: Iterable[Piece]) -> Piece | None:
    """The first event that does not fit in this very order; None when all do."""
    for piece in pieces:
        if not fits(piece, left):
            return piece
        left += piece.delta
    return None


def told_apart(left: int, chains: Iterable[Sequence[Piece]]) -> bool:
    """Whether several engines at once may have told this of a shelf that began with `left` pieces.

    Each tells what was left as it looked, less what it takes itself, and meets the row again only to take. So what is taken and
    given back comes in some order, but a number told may be of a moment ago, and two of them may fit no order: it is only held
    between the least and the most there can have been. That something was left after a draw is such a number, too: of two who
    together take the last pieces, each still saw those of the other.
    """
    told = [tuple(chain) for chain in chains]
    pieces = [piece for chain in told for piece in chain]
    least = left + sum(min(piece.delta, 0) for piece in pieces)
    most = left + sum(max(piece.delta, 0) for piece in pieces)
    in_bounds = all(
        piece.at_least <= most and (piece.exactly == ANY or max(least, 0) <= piece.exactly <= most)
        for piece in pieces
    )
    return in_bounds and some_order(
        left, [[_as_taken(piece) for piece in chain if piece.delta] for chain in told]
    )


def _as_taken(piece: Piece) -> Piece:
    """The event without what was told: as many pieces were there as it took."""
    return piece._replace(exactly=ANY, at_least=max(-piece.delta, 0))


def some_order(left: int, chains: Iterable[Sequence[Piece]]) -> bool:
    """Whether the members' events can be told in some order, beginning with `left` pieces.

    Raises AssertionError when more orders would have to be tried than is reasonable.
    """
    seen: set[tuple[int, tuple[Chain, ...]]] = set()
    open_: list[tuple[int, tuple[Chain, ...]]] = [
        (left, tuple(sorted(tuple(chain) for chain in chains if chain)))
    ]
    while open_:
        left, waiting = open_.pop()
        waiting = _eager(left, waiting)
        if not waiting:
            return True
        if (left, waiting) in seen:
            continue
        seen.add((left, waiting))
        assert len(seen) < MOST_TRIES, "too many orders to try"
        for chain in sorted(
            {chain for chain in waiting if fits(chain[0], left)}, key=lambda chain: -abs(chain[0].delta)
        ):
            rest = list(waiting)
            rest.remove(chain)
            if chain[1:]:
                rest.append(chain[1:])
            open_.append((left + chain[0].delta, tuple(sorted(rest))))
    return False


def _eager(left: int, waiting: tuple[Chain, ...]) -> tuple[Chain, ...]:
    kept = []
    for chain in waiting:
        start = 0
        while start < len(chain) and chain[start].delta == 0 and fits(chain[start], left):
            start += 1
        if chain[start:]:
            kept.append(chain[start:])
    return tuple(sorted(kept))
