"""The base of commands about something that has a price or odds."""

from abc import abstractmethod
from dataclasses import dataclass

from loyalty.engine.command import Command


@dataclass(frozen=True, kw_only=True)
class ShownCommand(Command):
    """A command about something that has a price or odds.

    `as_shown`: it comes from the chat, and its member agrees to what they were last shown.
    """

    as_shown: bool = False

    @property
    @abstractmethod
    def subject(self) -> str:
        """The name under which the table `shown` keeps what the member saw, such as `reward:coffee`."""
