"""The interface between engine and programme: which rules are in force at an instant. The engine does not read the rules."""

from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import asyncpg


class InForce(Protocol):
    """A rule version."""

    @property
    def version(self) -> int:
        """Its id."""
        ...

    @property
    def rules(self) -> Any:
        """The rule set; each feature knows its own part."""
        ...

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which business days are counted."""
        ...

    def day(self, instant: datetime) -> date:
        """The business day of an aware instant."""
        ...

    def wall_time(self, instant: datetime) -> datetime:
        """The local time of an aware instant without an offset, as the windows of rules are written."""
        ...

    def lapse_day(self, day: date) -> date:
        """The first day on which points granted on `day` are gone."""
        ...

    def unprompted_at(
        self, member_id: int, now: datetime, *, seen_on: date | None, gone_on: date | None = None
    ) -> datetime:
        """When to send a notice that no member has just caused: before the start of `gone_on`, from when on it is of no use."""
        ...


class RuleBook(Protocol):
    """The rule versions in force within a span of time."""

    def at(self, instant: datetime) -> InForce:
        """The version in force at `instant`."""
        ...


class RulesSource(Protocol):
    """Where the engine finds the rules."""

    async def between(self, connection: asyncpg.Connection, oldest: datetime, newest: datetime) -> RuleBook:
        """The versions in force from `oldest` to `newest`. Raises NoRules where there are none."""
        ...

    async def put_in_force(self, connection: asyncpg.Connection) -> int:
        """Bring shared rows to what the version in force says; its id. Safe to repeat."""
        ...


class NoRules(Exception):
    """No rule version is in force: nothing can be decided yet."""


class RulesChanged(Exception):
    """The shared rows belong to another rule version than the command's: decide it again by the rules of now."""


class SharedRowsDue(Exception):
    """The shared rows are no longer those that time asks for: put the rules in force once more, then decide the command again."""


class VersionDue(Exception):
    """A rule version has come into force, and this engine has not put it in force yet: do so, then decide the batch again."""

    def __init__(self, version: int) -> None:
        super().__init__(f"rule version {version} is due")
        self.version = version


class SharedRowSealed(Exception):
    """A shared row is sealed with a key that this process does not have."""
