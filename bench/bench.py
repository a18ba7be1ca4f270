"""The input of every measure: the servers, the size of the measurement, and the datasets filled so far."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench.dataset import Dataset, Spec, drop_dataset, open_dataset
from bench.ground import Ground
from bench.serving import Serving, serving

MEMBERS = "members"
MAX_RATE = 9_000
"""A load has requests for this many per second; a machine that answers more runs out of them and is measured over less time."""


MOST_OF_A_VARIATION = 200_000
"""Members of a dataset that exists for its rules alone."""


@dataclass(frozen=True)
class Size:
    """Members of the main dataset, seconds and warm-up of a run, pairs of runs; the docs hold results of the `standard` size."""

    quick: bool
    standard: bool
    members: int
    seconds: float
    warm_s: float
    rounds: int
    connections: int = 256

    @classmethod
    def of(cls, *, quick: bool, members: int | None, seconds: float | None) -> "Size":
        """The requested size, with defaults for what is not given."""
        length_s = seconds or (1.6 if quick else 10.0)
        standard = not quick and members is None and seconds is None
        return cls(
            quick=quick,
            standard=standard,
            members=members or (20_000 if quick else 1_000_000),
            seconds=length_s,
            warm_s=0.2 * length_s,
            rounds=2 if quick else 5,
        )


def small_dataset(name: str, size: Size, variation: str = "") -> Spec:
    """A dataset for a measure that compares two sets of rules."""
    members = size.members // 2 if size.quick else min(size.members, MOST_OF_A_VARIATION)
    return Spec(name, members, variation=variation)


def main_dataset(size: Size) -> Spec:
    """The dataset that most measures share."""
    return Spec(MEMBERS, size.members)


@dataclass
class Bench:
    """One run."""

    ground: Ground
    size: Size
    say: Callable[[str], None]
    specs: dict[str, Spec]
    until_end: ExitStack
    _servers: Serving | None = None
    _open: dict[str, Dataset] = field(default_factory=dict)

    def dataset(self, name: str) -> Dataset:
        """A dataset that was filled for the chosen measures."""
        if name not in self._open:
            self._open[name] = open_dataset(self.ground, self.specs[name])
        return self._open[name]

    def drop(self, name: str) -> None:
        """Drop a dataset to free its disk space."""
        drop_dataset(self.ground, self._open.pop(name))

    def servers(self) -> Serving:
        """Servers on the main dataset, started on the first call and kept for later measures."""
        if self._servers is None:
            self._servers = self.until_end.enter_context(serving(self.ground, self.dataset(MEMBERS).name))
        return self._servers
