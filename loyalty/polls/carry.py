"""Votes that follow a member who is merged into another: one person votes once, and the vote is counted where it was given.

They stay when a merge is undone: both halves have voted then, in polls that one of them voted in.
"""

from collections.abc import Sequence
from typing import Any, Final

from loyalty.engine.carry import Carry, Leave
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.polls.rows import ALL_VOTES, VOTES, VoteRow


def give(_: Wallet, scene: Scene[Any], leave: Leave) -> list[list[str]]:
    """The votes; none when a merge is undone."""
    return [] if leave.since is not None else [list(one) for one in scene.recall(ALL_VOTES)]


def take(wallet: Wallet, scene: Scene[Any], brought: Sequence[Sequence[str]] | None) -> None:
    """Write those in polls that this member has not voted in."""
    own = {poll for poll, _ in scene.recall(ALL_VOTES)}
    for poll, option in brought or ():
        if poll not in own:
            wallet.writes.add(VOTES, VoteRow(poll, option, 0, carried=True))


CARRY: Final = Carry(give, take, gives_by=(ALL_VOTES,), takes_by=(ALL_VOTES,))
