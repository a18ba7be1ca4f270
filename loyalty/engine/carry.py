"""How a feature's facts follow a member who is merged into another, and back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from loyalty.engine.reads import Read
from loyalty.ledger.lots import LotKey
from loyalty.ledger.writes import MeterKey


class Leave(NamedTuple):
    """The destination of a member's facts: the member `to`. A split moves only those that came with receipt `since`."""

    to: int
    since: int | None = None


@dataclass(frozen=True)
class Carry:
    """How a feature's facts follow a member who is merged into another, and back. Pure, like `decide`.

    `give(wallet, scene, leave)` returns what the one who leaves brings along, as JSON, and writes what changes on their side.
    `take(wallet, scene, brought)` writes it for the one who receives, and `settle(wallet, scene, brought)` does what follows from
    both having become one, when the lots and meters have arrived. Meters and lots need no Carry, because all of them move. But of
    the meters named by `counted`, which a later command may lower, a split returns what `counts(brought)` says of the facts that
    leave. Points that have lapsed move as far as `shares(brought)` names them, by the key of their grant: a later command may give
    them back. `lost(scene, leave)` are points that came with a merge and were taken back with its facts, such as an order's by a
    refund, by the key of their grant: a split returns nothing for them.
    """

    give: Callable[..., Any]
    take: Callable[..., None]
    gives_by: tuple[Read[Any], ...] = ()
    takes_by: tuple[Read[Any], ...] = ()
    settle: Callable[..., None] = lambda *_: None
    counted: tuple[str, ...] = ()
    counts: Callable[[Any], Mapping[MeterKey, int]] = lambda _: {}
    shares: Callable[[Any], Mapping[LotKey, int]] = lambda _: {}
    lost: Callable[..., Mapping[LotKey, int]] = lambda *_: {}
