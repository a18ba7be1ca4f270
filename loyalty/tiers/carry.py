"""The tier of a member who is merged into another: the higher one stays. Each keeps their own history.

Nothing goes back when a merge is undone: the other's own history says which tier they had, and the higher tier is kept until its
review.
"""

from typing import Any

from loyalty.engine.carry import Carry, Leave
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.tiers.decide import write_span
from loyalty.tiers.ladder import Ladder
from loyalty.tiers.rows import HISTORY


def give(wallet: Wallet, scene: Scene[Any], leave: Leave) -> str | None:
    """The member's tier; None where tiers are not kept, and when a merge is undone."""
    ladder: Ladder = scene.live.rules.ladder
    if not ladder.is_kept or leave.since is not None:
        return None
    return ladder.tiers[_held(wallet, scene, ladder)].id


def take(wallet: Wallet, scene: Scene[Any], brought: str | None) -> None:
    """The tier that came, if it is higher than the member's own."""
    ladder: Ladder = scene.live.rules.ladder
    other = ladder.rung(brought)
    if not ladder.is_kept or other is None:
        return
    held = _held(wallet, scene, ladder)
    if other > held:
        history = scene.recall(HISTORY)
        came_from = history[-1].tier if history else ladder.tiers[held].id
        write_span(wallet, history, ladder.tiers[other], came_from, "merged")


def _held(wallet: Wallet, scene: Scene[Any], ladder: Ladder) -> int:
    history = scene.recall(HISTORY)
    return ladder.held(history[-1].tier if history else None, wallet.account.growth)


CARRY = Carry(give, take, gives_by=(HISTORY,), takes_by=(HISTORY,))
