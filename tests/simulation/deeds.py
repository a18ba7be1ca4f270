"""What a crowd can do. A deed names persons by number and choices by dice.

What a choice comes to (which redemption to give back, which request to repeat) is settled when the deed is done, from what there is
then. So any part of a plan is a plan, and a failing one can be cut down.
"""

from dataclasses import dataclass, field
from typing import Literal

from tests.simulation.brittle import How
from tests.simulation.programmes import Dials

Edge = Literal["midnight", "month"]
Kind = Literal["line", "race", "hurt", "crash"]


@dataclass(frozen=True)
class Join:
    """A person is met, perhaps again."""

    person: int


@dataclass(frozen=True)
class Jump:
    """The clock moves on, and where `edge` names one goes on to the next midnight or month, or stops a second before.

    `lazy`: the job that puts a version in force on its day is late; the first draw will do it.
    """

    seconds: int
    lazy: bool = False
    edge: Edge | None = None
    before: bool = False


@dataclass(frozen=True)
class Publish:
    """An operator publishes, in force after `later_s`; `stale` from an old base, `early` before it is allowed."""

    dials: Dials = field(hash=False)
    later_s: int = 0
    stale: bool = False
    early: bool = False


@dataclass(frozen=True)
class Visit:
    """A person is seen, which ends a silence."""

    person: int


@dataclass(frozen=True)
class Settle:
    """The job that runs what a crash left owed."""

    limit: int


@dataclass(frozen=True)
class Ask:
    """A person's command. `what` is an AskKind, or "repeat", "reuse" (of a request key) or "stranger".

    `key` makes the request key; `dice` its choices; `late_s` how long ago it speaks of.
    """

    person: int
    what: str
    key: int
    dice: int
    late_s: int = 0
    keep: bool = False
    rival: bool = False


Deed = Join | Jump | Publish | Visit | Settle | Ask


@dataclass(frozen=True)
class Mode:
    """How the deeds of a step are done.

    line: through one engine with one lane, each person once, so the order is known. race: at once, through two engines.
    hurt: at once, through an engine whose wire breaks at these calls. crash: the same, and the process dies of it.
    """

    kind: Kind = "line"
    strikes: tuple[tuple[int, How], ...] = ()


@dataclass(frozen=True)
class Atom:
    """A deed and the step it belongs to; deeds of a step are done at once, where they can be."""

    step: int
    deed: Deed


@dataclass(frozen=True)
class Plan:
    """Deeds in order, how each step is done, and where it all comes from."""

    shape: str
    seed: int
    atoms: tuple[Atom, ...]
    modes: dict[int, Mode]
