"""The base of commands that operators give."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from loyalty.engine.command import Command


@dataclass(frozen=True, kw_only=True)
class OperatorCommand(Command):
    """A command that an operator gives: in which `role`, and from where (`origin`).

    Both are None where the system gives it, and in receipts of programs that kept no operation log; those have no row in the log.
    """

    optional: ClassVar[tuple[str, ...]] = ("role", "origin")

    role: str | None = None
    origin: str | None = None


class GivenBy(NamedTuple):
    """Who gives a command, as its fields have it."""

    by: str
    role: str
    origin: str
