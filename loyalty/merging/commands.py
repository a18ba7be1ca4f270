"""The commands of merging. Each changes one member; what leaves one arrives at the other by a follow-up.

MergeOut (the member who joined later) ──▶ MergeIn (the one who joined first)
SplitOut (the one who joined first)    ──▶ SplitIn (the member who joined later)
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from typing_extensions import override

from loyalty.engine.command import Command
from loyalty.operations.commands import OperatorCommand


@dataclass(frozen=True, kw_only=True)
class MergeOut(OperatorCommand):
    """Merge this member into `into`, who joined before: all they have leaves, and from now on they lead to `into`."""

    name = "merge_out"
    optional: ClassVar[tuple[str, ...]] = (*OperatorCommand.optional, "by")
    travels = False

    into: int
    reason: str
    by: str | None = None

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "merge_out", f"{self.into}:{self.request_key}"


@dataclass(frozen=True, kw_only=True)
class SplitOut(OperatorCommand):
    """Undo the merge of `other_id` into this member: what is left of what they brought leaves again."""

    name = "split_out"
    optional: ClassVar[tuple[str, ...]] = (*OperatorCommand.optional, "by")
    travels = False

    other_id: int
    reason: str
    by: str | None = None

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "split_out", f"{self.other_id}:{self.request_key}"


@dataclass(frozen=True, kw_only=True)
class Arrival(Command):
    """Receive what left `other_id` with their receipt `out_no`; `brought` is a `Brought` as JSON text. Runs as a follow-up."""

    other_id: int
    out_no: int
    brought: str

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return self.name, f"{self.other_id}:{self.out_no}"


@dataclass(frozen=True, kw_only=True)
class MergeIn(Arrival):
    """The other member is now this one, or whoever this one was merged into meanwhile."""

    name = "merge_in"


@dataclass(frozen=True, kw_only=True)
class SplitIn(Arrival):
    """This member is again apart from the other."""

    name = "split_in"
    travels = False
