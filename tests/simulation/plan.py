"""What the crowd will do, from one seed: a list of deeds, dealt step by step."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.simulation.brittle import PASSING, How
from tests.simulation.deeds import (
    Ask,
    Atom,
    Deed,
    Edge,
    Join,
    Jump,
    Kind,
    Mode,
    Plan,
    Publish,
    Settle,
    Visit,
)
from tests.simulation.features import ASKS
from tests.simulation.programmes import QUIET, START_DIALS, turned

HOUR_S, DAY_S = 3600, 86_400
EDGES: tuple[Edge, Edge] = ("midnight", "month")


@dataclass(frozen=True)
class Shape:
    """What a crowd is like: how many, what they do at once and how often, and how far the clock jumps."""

    persons: int
    commands: int
    at_once: tuple[int, int]
    modes: dict[Kind, int]
    jumps: tuple[int, ...]
    whats: dict[str, int]


SHARES = {what: kind.share for what, kind in ASKS.items()} | {"repeat": 10, "reuse": 3, "stranger": 1}
DICE_ORDER = (
    "check_in", "draw", "redeem", "cancel", "repeat", "reuse", "bind", "expire", "warn", "wake", "welcome", "qualify", "reward",
    "stranger",
)  # fmt: skip
"""The first kinds in the order in which the dice have always known them, so that a seed keeps its plan; others follow."""
EVERYDAY = {what: SHARES[what] for what in DICE_ORDER} | SHARES
TOGETHER = [what for what in EVERYDAY if what in ASKS and ASKS[what].together]
SHAPES: dict[str, Shape] = {
    "cold": Shape(2000, 13_500, (200, 600), {"line": 6, "race": 2, "hurt": 1, "crash": 1},
                  (HOUR_S, 8 * HOUR_S, DAY_S, DAY_S, 9 * DAY_S), EVERYDAY),
    "few": Shape(40, 12_500, (20, 160), {"line": 1, "race": 6, "hurt": 3, "crash": 1},
                 (60, HOUR_S, 5 * HOUR_S, DAY_S, DAY_S), EVERYDAY),
    "shelf": Shape(400, 12_500, (100, 400), {"line": 3, "race": 6, "hurt": 1, "crash": 1}, (HOUR_S, DAY_S, DAY_S, 3 * DAY_S),
                   {"draw": 40, "redeem": 30, "cancel": 20, "check_in": 10, "repeat": 5}),
    "months": Shape(250, 13_500, (100, 250), {"line": 6, "race": 2, "hurt": 1},
                    (DAY_S, DAY_S, 5 * DAY_S, 20 * DAY_S, 33 * DAY_S, 95 * DAY_S),
                    EVERYDAY | {"expire": 15, "warn": 10, "wake": 8, "draw": 10}),
    "wreck": Shape(150, 11_000, (30, 150), {"hurt": 5, "crash": 4, "race": 1}, (61, HOUR_S, DAY_S, 40 * DAY_S),
                   EVERYDAY | {"bind": 10}),
}  # fmt: skip


def make_plan(shape: str, seed: int, commands: int | None = None) -> Plan:
    """The plan of a shape and seed, with at least `commands` commands (the shape's own number by default), repeats counted."""
    planner = _Planner(SHAPES[shape], random.Random(f"{shape}:{seed}"))  # noqa: S311  # plans must come again
    wanted = SHAPES[shape].commands if commands is None else commands
    while planner.commands < wanted:
        planner.next()
    return Plan(shape, seed, tuple(planner.atoms), planner.modes)


class _Planner:
    """Deals out step after step; `joined` persons have come, so many have `asked`, and with repeats it is `commands` in all."""

    def __init__(self, shape: Shape, dice: random.Random) -> None:
        self.shape, self.dice = shape, dice
        self.atoms: list[Atom] = []
        self.modes: dict[int, Mode] = {}
        self.commands = self.asked = self.joined = self._step = 0
        self._dials = dict(START_DIALS)
        self._frozen: list[int] = []

    def next(self) -> None:
        """One more step, or a few that belong together."""
        growing = self.joined < self.shape.persons
        if self.joined == 0 or (growing and self.dice.random() < 0.15):
            self._newcomers()
            return
        deal = self.dice.choices(
            (self._jump, self._publish, self._freeze, self._visits, self._settle, self._crowd),
            (32, 4, 3, 3, 3, 40),
        )[0]
        deal()

    def _newcomers(self) -> None:
        """Some join; half of them say who invited them, half sign in, so that invitations are paid."""
        more = min(self.shape.persons - self.joined, max(self.shape.persons // 8, 1))
        new = range(self.joined, self.joined + more)
        again = [self.dice.randrange(self.joined + more) for _ in range(2)]
        self._add([Join(person) for person in [*new, *again]], Mode() if self.joined == 0 else self._mode())
        self.joined += more
        for what in ("bind", "check_in") if "bind" in self.shape.whats else ():
            mode = self._mode()
            self._add(
                [self._ask(person, what, mode) for person in self.dice.sample(new, -(-more // 2))], mode
            )

    def _jump(self) -> None:
        seconds = self.dice.choice(self.shape.jumps) + self.dice.randrange(60)
        edge = self.dice.choice((None, None, None, EDGES[seconds > 5 * DAY_S]))
        self._add([Jump(seconds, self.dice.random() < 0.3, edge, self.dice.random() < 0.3)])

    def _publish(self) -> None:
        self._dials = turned(self._dials, self.dice)
        stale, early = self.dice.random() < 0.1, self.dice.random() < 0.1
        self._add([Publish(self._dials, self.dice.choice((0, 0, 0, HOUR_S, 2 * DAY_S)), stale, early)])

    def _freeze(self) -> None:
        some = self._frozen or [self.dice.randrange(self.joined) for _ in range(max(self.joined // 20, 1))]
        what = "thaw" if self._frozen else "freeze"
        self._add([self._ask(person, what, Mode()) for person in some], Mode())
        self._frozen = [] if self._frozen else some

    def _visits(self) -> None:
        self._add([Visit(self.dice.randrange(self.joined)) for _ in range(10)])

    def _settle(self) -> None:
        self._add([Settle(self.dice.choice((1, 100)))])

    def _crowd(self) -> None:
        dice, mode = self.dice, self._mode()
        persons = self._persons(mode)
        whats = dice.choices([*self.shape.whats], [*self.shape.whats.values()], k=len(persons))
        if dice.random() < 0.2:
            whats = [dice.choice(TOGETHER)] * len(persons)
        deeds: list[Deed] = []
        for person, what in zip(persons, whats, strict=True):
            deeds.append(ask := self._ask(person, what, mode))
            if mode.kind != "line" and dice.random() < 0.05:  # the same message again and again, at once
                deeds += [replace(ask, rival=dice.random() < 0.5) for _ in range(dice.randint(1, 20))]
        if mode.kind == "race" and dice.random() < 0.15:
            self._dials = turned(self._dials, dice, QUIET)
            deeds += [Publish(self._dials)] * dice.choice((1, 2))
        self._add(deeds, mode)

    def _persons(self, mode: Mode) -> list[int]:
        dice, count = self.dice, self.dice.randint(*self.shape.at_once)
        if mode.kind == "line":
            return dice.sample(range(self.joined), min(self.joined, count))
        if dice.random() < 0.5:
            return [dice.randrange(self.joined) for _ in range(count)]
        favourites = [dice.randrange(self.joined) for _ in range(max(count // 8, 1))]
        return [dice.choice(favourites) for _ in range(count)]

    def _ask(self, person: int, what: str, mode: Mode) -> Ask:
        dice = self.dice
        late_s = dice.choice((0, 0, 0, 0, 0, -30, 600, 12 * HOUR_S, 26 * HOUR_S))
        rival = mode.kind != "line" and dice.random() < 0.5
        self.asked += 1
        return Ask(person, what, self.asked, dice.getrandbits(32), late_s, dice.random() < 0.2, rival)

    def _mode(self) -> Mode:
        dice = self.dice
        kind = dice.choices([*self.shape.modes], [*self.shape.modes.values()])[0]
        if kind == "hurt":
            faults = {dice.randint(1, 60): dice.choice(PASSING) for _ in range(dice.choice((1, 1, 2, 5)))}
            return Mode("hurt", tuple(sorted(faults.items())))
        if kind == "crash":
            how = dice.choice((How.DIE_BEFORE, How.DIE_AFTER))
            return Mode("crash", ((dice.randint(1, 40), how),))
        return Mode(kind)

    def _add(self, deeds: Sequence[Deed], mode: Mode | None = None) -> None:
        self._step += 1
        self.commands += sum(isinstance(deed, Ask) for deed in deeds)
        self.atoms += [Atom(self._step, deed) for deed in deeds]
        if mode:
            self.modes[self._step] = mode
