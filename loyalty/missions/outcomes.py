"""The outcome of moving missions on."""

from collections.abc import Iterable
from dataclasses import dataclass

from loyalty.engine.outcomes import Outcome, Result


@dataclass(frozen=True)
class MissionDone:
    """A mission that was finished for a period, the `in_a_row`-th in a row: what it brought. `points` include `bonus`."""

    mission: str
    name: str
    period: str
    points: int
    bonus: int
    in_a_row: int
    ticket: str | None = None


@dataclass(frozen=True)
class MissionsAdvanced(Result):
    """An action counted for at least one mission; `done` are those that it finished."""

    code = "missions_advanced"
    moves_points = False  # progress moves none
    action: str
    times: int
    done: tuple[MissionDone, ...]
    balance: int


def finished(consequences: Iterable[Outcome]) -> list[MissionsAdvanced]:
    """Of the consequences of a command those that finished a mission; the last one has the balance after all of them."""
    return [one for one in consequences if isinstance(one, MissionsAdvanced) and one.done]
