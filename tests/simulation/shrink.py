"""Cuts a failing plan down to the few deeds that fail.

First to the deeds of those it concerns, then by delta debugging: leave out half, a quarter, … an eighth of the deeds, keep what
still fails, until no single deed can be left out or the time is up.
"""

import time
from collections.abc import Awaitable, Callable, Sequence

from tests.simulation.deeds import Atom, Join, Plan, Publish

TIME_S = 20.0
"""Of this process's own work: some fifty seconds on an idle machine, and as many deeds less on a busy one."""
MOST_RUNS = 400
Fails = Callable[[Plan], Awaitable[BaseException | None]]


def only(plan: Plan, kept: Sequence[int]) -> Plan:
    """The plan with these of its deeds."""
    atoms = tuple(plan.atoms[number] for number in kept)
    return Plan(plan.shape, plan.seed, atoms, plan.modes)


class Shrinker:
    """Bounded in time and runs; `kept` are the numbers of the deeds that still fail, `error` how."""

    def __init__(self, plan: Plan, error: BaseException, fails: Fails, time_s: float = TIME_S) -> None:
        self.plan, self.error, self._fails = plan, error, fails
        self.kept = list(range(len(plan.atoms)))
        self.runs = 0
        self._until = time.process_time() + time_s

    async def shrink(self) -> list[int]:
        """The numbers of a few deeds that fail; all of them when the failure does not come again."""
        step = getattr(self.error, "step", None)
        until = [number for number in self.kept if step is None or self.plan.atoms[number].step <= step]
        if not await self._try([number for number in until if self._concerns(self.plan.atoms[number])]):
            await self._try(until)
        pieces = 2
        while len(self.kept) > 1 and self._has_time():
            size = -(-len(self.kept) // pieces)
            for start in range(0, len(self.kept), size):
                if await self._try(self.kept[:start] + self.kept[start + size :]):
                    pieces = max(pieces - 1, 2)
                    break
                if not self._has_time():
                    break
            else:
                if size == 1:
                    break
                pieces = min(pieces * 2, len(self.kept))
        return self.kept

    def _concerns(self, atom: Atom) -> bool:
        """Whether the deed is about one of those the failure shows at, or about nobody."""
        persons: frozenset[int] = getattr(self.error, "persons", frozenset())
        person = getattr(atom.deed, "person", None)
        return not persons or person is None or person in persons

    def _has_time(self) -> bool:
        return self.runs < MOST_RUNS and time.process_time() < self._until

    async def _try(self, kept: list[int]) -> bool:
        if len(kept) == len(self.kept) or not kept or not self._has_time():
            return False
        self.runs += 1
        error = await self._fails(only(self.plan, kept))
        if error is None:
            return False
        self.kept, self.error = kept, error
        return True


def report(plan: Plan, first: BaseException, shrinker: Shrinker, rerun: str) -> str:
    """What a failing test says: the seed, what failed, the few deeds that still fail, and how to see it again."""
    deeds = [
        f"  step {plan.atoms[number].step} {_how(plan, number)} {plan.atoms[number].deed}"
        for number in shrinker.kept[:60]
    ]
    numbers = ",".join(map(str, shrinker.kept))
    return "\n".join([
        f"shape {plan.shape}, seed {plan.seed}: {first}",
        f"{len(shrinker.kept)} of {len(plan.atoms)} deeds still fail, after {shrinker.runs} runs: {shrinker.error}",
        *deeds,
        f"run it again:  {rerun}",
        f"only these:    {rerun} --deeds {numbers}" if len(shrinker.kept) <= 200 else "",
    ])  # fmt: skip


def _how(plan: Plan, number: int) -> str:
    mode = plan.modes.get(plan.atoms[number].step)
    if mode is None or (isinstance(plan.atoms[number].deed, Join | Publish) and mode.kind == "line"):
        return ""
    return f"({mode.kind}{', '.join(f' call {call}: {how.name}' for call, how in mode.strikes)})"
