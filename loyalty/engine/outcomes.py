"""What a command came to: a result with its facts, or a named refusal with its facts.

    Outcome
    ├── Result     accepted; its facts are stored in the receipt
    └── Refusal    nothing moved; stored where it depended on the state, so that a late duplicate hears the same

Facts are what a door needs to render the answer. The receipt keeps them and never a text.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

Category: TypeAlias = Literal["conflict", "not_found", "forbidden", "unprocessable"]
"""What kind of obstacle a refusal is; the JSON APIs make a status of it."""

FollowUpState: TypeAlias = Literal["due", "done", "ended"]
"""What becomes of a follow-up: due again after a pause, done, or ended for good (see `follow_ups`)."""


class Outcome:
    """Root of everything `decide` may answer."""

    code: ClassVar[str]


class Result(Outcome):
    """An accepted command. `moves_points`: its receipt always has entries."""

    moves_points: ClassVar[bool] = True


class Refusal(Outcome, ABC):
    """A refused command; nothing moved.

    `title` names the obstacle in a few Chinese characters, `sentence` explains it to the member, `told` names the fields that an
    API gives as facts. `as_follow_up` is the state of a follow-up whose command is refused so.
    """

    stored: ClassVar[bool] = False
    category: ClassVar[Category] = "conflict"
    title: ClassVar[str]
    told: ClassVar[tuple[str, ...]] = ()
    as_follow_up: ClassVar[FollowUpState] = "due"

    @property
    @abstractmethod
    def sentence(self) -> str:
        """Why, in one Chinese sentence made of the refusal's facts."""


@dataclass(frozen=True)
class Decision:
    """What a command came to.

    `replayed`: the receipt of the same request answered, nothing new happened. `consequences`: results that reactions to this
    one brought the same member, in their order.
    """

    outcome: Outcome
    replayed: bool = False
    consequences: tuple[Outcome, ...] = ()
