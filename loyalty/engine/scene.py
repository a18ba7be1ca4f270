"""The facts that a command is decided on, besides its member's wallet."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Generic, NamedTuple, TypeVar

from loyalty.engine.pools import Pools
from loyalty.engine.reads import Read, SharedRead
from loyalty.engine.rules import InForce

R = TypeVar("R")
M = TypeVar("M")


class Scene(NamedTuple, Generic[R]):
    """The feature's `rule`, the instant `at` which the command takes effect with its business `day`, and what was read.

    `lapse_day`: the first day on which points granted now are gone. `live`: the rule version.
    """

    rule: R
    at: datetime
    day: date
    lapse_day: date
    pools: Pools
    reads: Mapping[Read[Any], Any]
    shared_rows: Mapping[SharedRead[Any], Any]
    live: InForce

    def recall(self, read: Read[M]) -> M:
        """What was read for the member. Raises KeyError for a Read that the handler did not name."""
        value: M = self.reads[read]
        return value

    def shared(self, read: SharedRead[M]) -> M:
        """What was read for all members. Raises KeyError for a SharedRead that the handler did not name."""
        value: M = self.shared_rows[read]
        return value

    def under(self, rule: Any) -> "Scene[Any]":
        """The same scene with the rule of another feature, for its reaction."""
        return Scene(rule, *self[1:])
