"""Finished missions that follow a member who is merged into another: one person finishes a mission once per period.

They stay when a merge is undone, because nobody can tell whose actions finished a mission of the two together.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from loyalty.engine.carry import Carry, Leave
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.missions.rows import KEPT, MISSIONS_DONE, DoneRow


def give(_: Wallet, scene: Scene[Any], leave: Leave) -> list[list[Any]]:
    """The finished missions that matter still; none when a merge is undone."""
    if leave.since is not None:
        return []
    return [[one.period, one.mission, one.day.isoformat(), one.in_a_row] for one in scene.recall(KEPT)]


def take(wallet: Wallet, scene: Scene[Any], brought: Sequence[Sequence[Any]] | None) -> None:
    """Write those that this member has not finished for the same period."""
    own = {(one.period, one.mission) for one in scene.recall(KEPT)}
    for period, mission, day, in_a_row in brought or ():
        if (period, mission) not in own:
            row = DoneRow(period, mission, date.fromisoformat(day), in_a_row, 0, 0, carried=True)
            wallet.writes.add(MISSIONS_DONE, row)


CARRY: Final = Carry(give, take, gives_by=(KEPT,), takes_by=(KEPT,))
