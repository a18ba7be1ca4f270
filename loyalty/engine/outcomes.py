"""The outcome of a command: a result, or a refusal with a name of its own.

    Outcome
    ├── Result     accepted; the receipt stores its fields
    └── Refusal    nothing moved; stored as well if it depended on the member's data, so that a late repeat gets the same answer

The fields are what an entry point needs to write the answer. The receipt stores the fields and never a text.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

Category: TypeAlias = Literal["conflict", "not_found", "forbidden", "unprocessable"]
"""The kind of obstacle; the JSON APIs answer each kind with its HTTP status."""

FollowUpState: TypeAlias = Literal["due", "done", "ended"]
"""What becomes of a follow-up: due again after a pause, done, or ended for good (see `follow_ups`)."""


class Outcome:
    """Base of everything that `decide` may return."""

    code: ClassVar[str]


class Result(Outcome):
    """An accepted command. `moves_points`: its receipt always has entries."""

    moves_points: ClassVar[bool] = True


class Refusal(Outcome, ABC):
    """A refused command; nothing moved.

    `stored`: the refusal gets a receipt. `title` names the obstacle in a few Chinese characters, and `sentence` explains it to the
    member. `public_fields` are the fields that the JSON APIs show. `as_follow_up` is the state of a follow-up that is refused so.
    """

    stored: ClassVar[bool] = False
    category: ClassVar[Category] = "conflict"
    title: ClassVar[str]
    public_fields: ClassVar[tuple[str, ...]] = ()
    as_follow_up: ClassVar[FollowUpState] = "due"

    @property
    @abstractmethod
    def sentence(self) -> str:
        """The reason as one Chinese sentence, made from the refusal's fields."""


@dataclass(frozen=True)
class Decision:
    """The engine's answer to a command.

    `replayed`: the outcome comes from the receipt of an earlier run of the same request, and nothing new happened. `consequences`:
    the results of follow-ups of the same member so far, in their order, each with what reactions to it brought.
    """

    outcome: Outcome
    replayed: bool = False
    consequences: tuple[Outcome, ...] = ()
