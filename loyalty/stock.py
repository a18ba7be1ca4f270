"""What is shared by all members and can run out: pieces left, and the rounds whose committed seeds decide the draws."""

from collections import Counter
from typing import NamedTuple

from loyalty.facts import Writes


class Round(NamedTuple):
    """An open round of a wheel: SHA-256(server_seed) is public, the seed is not until it is revealed.

    Every draw of a round is made by the one table of odds whose version it names.
    """

    id: int
    server_seed: bytes
    odds_version: str


class TableMoved(Exception):
    """The wheel's open round plays by another table than the rules at hand: decide again, by the rules of now."""


def prize_item(wheel: str, prize: str) -> str:
    """The stock row of a wheel's limited prize."""
    return f"prize:{wheel}:{prize}"


def reward_item(reward: str) -> str:
    """The stock row of a limited reward."""
    return f"reward:{reward}"


class Stock:
    """Pieces left and open rounds as one batch sees them: what earlier commands of the batch took is gone for later ones."""

    def __init__(self, left: dict[str, int], rounds: dict[str, Round]) -> None:
        self._left = left
        self._batch: Counter[str] = Counter()
        self.rounds = rounds

    def left(self, item: str, writes: Writes) -> int:
        """Pieces still to be had by the command that has written `writes`. Raises KeyError for an unknown item."""
        return self._left[item] - self._batch[item] - writes.stock.get(item, 0)

    def commit(self, writes: Writes) -> None:
        """Count what an accepted command took or gave back."""
        self._batch.update(writes.stock)
