"""What every measure is handed: the ground, how long and how large, and the datasets made so far."""

from collections.abc import Callable
from dataclasses import dataclass, field

from jifen.runtime.bench.data import Progress
from jifen.runtime.bench.dataset import Dataset, drop_dataset, make_dataset
from jifen.runtime.bench.ground import Ground
from jifen.runtime.bench.measure import Row

GREATEST_RATE = 9_000
"""Requests a second a load is made for; a machine that answers more runs out of them and is measured over less time."""


@dataclass(frozen=True)
class Size:
    """How thorough: members of the main dataset, seconds and warm-up of a run, pairs of runs."""

    quick: bool
    members: int
    seconds: float
    warm_s: float
    rounds: int
    connections: int = 256

    @classmethod
    def of(cls, *, quick: bool, members: int | None, seconds: float | None) -> "Size":
        """The size asked for, with what fits where nothing is said."""
        if quick:
            return cls(True, members or 20_000, seconds or 2.0, 0.5, 2)
        return cls(False, members or 1_000_000, seconds or 10.0, 2.0, 5)


@dataclass
class Bench:
    """One run."""

    ground: Ground
    size: Size
    progress: Progress
    say: Callable[[str], None]
    rows: list[Row] = field(default_factory=list)
    datasets: dict[str, Dataset] = field(default_factory=dict)

    def members(self) -> Dataset:
        """The main dataset."""
        return self.dataset("members", self.size.members)

    def dataset(self, name: str, members: int, *, lapsed: bool = False) -> Dataset:
        """A dataset by name, made the first time."""
        if name not in self.datasets:
            self.say(f"建立 {members:,} 位会员的账本（{name}）……")
            self.datasets[name] = make_dataset(self.ground, name, members, self.progress, lapsed=lapsed)
        return self.datasets[name]

    def drop(self, name: str) -> None:
        """Give a dataset's disk back."""
        drop_dataset(self.ground, self.datasets.pop(name))

    def found(self, name: str) -> Row:
        """A row measured before. Raises LookupError."""
        for row in self.rows:
            if row.name == name:
                return row
        raise LookupError(name)
