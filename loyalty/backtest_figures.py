"""The figures of a back-test: what the members of a page, or all members, gain and lose."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, Final

from loyalty.engine.redecide.suppose import Flows, Supposed

EXTREMES: Final = 5
Extreme = tuple[int, int]
"""(points gained, member)."""


@dataclass
class Group:
    """The members who have one tier or segment now: how many, how many gain or lose, and by how many points together."""

    members: int = 0
    gaining: int = 0
    losing: int = 0
    points: int = 0

    def add(self, one: Supposed) -> None:
        """Count a member. One for whom something is refused that was accepted loses, unless they gain something else."""
        self.members += 1
        self.points += one.gain
        self.gaining += one.gain > 0
        self.losing += one.gain < 0 or (one.gain == 0 and bool(one.refused))

    def join(self, other: "Group") -> None:
        """Add other members."""
        for one in fields(Group):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass
class Backtest:
    """The changes that the candidate would have made. `then` and `now` are points that went into each bucket.

    `held_then` are the points that all members can or will be able to spend, which is what the programme owes them. `refused`
    counts commands that were accepted and would not be, by code; `unmade` counts follow-ups of other members, which are not
    replayed, by command. `stopped` counts members who could not be decided, by error.
    `segments` are those of the day of the back-test; a member of several is in each, one of none in none.
    """

    members: int = 0
    receipts: int = 0
    untraced: int = 0
    then: Flows = field(default_factory=Counter)
    now: Flows = field(default_factory=Counter)
    held_then: int = 0
    held_more: int = 0
    differing: int = 0
    tiers: defaultdict[str, Group] = field(default_factory=lambda: defaultdict(Group))
    segments: defaultdict[str, Group] = field(default_factory=lambda: defaultdict(Group))
    most: list[Extreme] = field(default_factory=list)
    least: list[Extreme] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    unmade: Counter[str] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)

    def add(self, one: Supposed, tier: str, segments: Iterable[str] = ()) -> None:
        """Count a member, in each of their segments."""
        self.members += 1
        self.untraced += one.untraced
        if one.stopped:
            self.stopped[one.stopped] += 1
            return
        self.receipts += one.decided
        self.then.update(one.then)
        self.now.update(one.now)
        self.held_more += one.held_now - one.held_then
        self.differing += one.differs
        self.refused.update(one.refused)
        for group in (self.tiers[tier], *(self.segments[name] for name in segments)):
            group.add(one)
        self._rank(one)

    def join(self, other: "Backtest") -> None:
        """Add the figures of other members."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _COUNTERS:
            counter: Counter[str] = getattr(self, name)
            counter.update(getattr(other, name))
        for mine, others in ((self.tiers, other.tiers), (self.segments, other.segments)):
            for name, group in others.items():
                mine[name].join(group)
        self.most = heapq.nlargest(EXTREMES, [*self.most, *other.most])
        self.least = heapq.nsmallest(EXTREMES, [*self.least, *other.least])

    def _rank(self, one: Supposed) -> None:
        if one.gain > 0:
            self.most = heapq.nlargest(EXTREMES, [*self.most, (one.gain, one.member_id)])
        elif one.gain < 0 or one.refused:
            self.least = heapq.nsmallest(EXTREMES, [*self.least, (one.gain, one.member_id)])


def _of_type(kind: type[Any]) -> tuple[str, ...]:
    return tuple(name for name, value in vars(Backtest()).items() if type(value) is kind)


_SUMS: Final = _of_type(int)
_COUNTERS: Final = _of_type(Counter)
