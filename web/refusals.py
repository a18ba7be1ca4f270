"""The one place where a refusal becomes a problem: its category becomes the status, its public fields become facts."""

from typing import Final, TypeVar

from pydantic_core import to_jsonable_python

from loyalty.engine.outcomes import Category, Decision, Refusal, Result
from web.problems import Kind, Problem

R = TypeVar("R", bound=Result)

STATUS: Final[dict[Category, int]] = {
    "conflict": 409,
    "not_found": 404,
    "forbidden": 403,
    "unprocessable": 422,
}


def accepted(decision: Decision, kind: type[R]) -> R:
    """The decision's result, which is a `kind`. Raises Problem for a refusal."""
    if isinstance(decision.outcome, Refusal):
        raise refused(decision.outcome, replayed=decision.replayed)
    if not isinstance(decision.outcome, kind):
        raise TypeError(f"{decision.outcome.code} is no {kind.__name__}")
    return decision.outcome


def refused(refusal: Refusal, *, replayed: bool = False) -> Problem:
    """The problem for a refusal."""
    facts = {name: to_jsonable_python(getattr(refusal, name)) for name in refusal.public_fields}
    return Problem(kind_of(type(refusal)), refusal.sentence, facts=facts, replayed=replayed)


def kind_of(refusal: type[Refusal]) -> Kind:
    """The kind of problem for this class of refusals."""
    return Kind(refusal.code, STATUS[refusal.category], refusal.title)


def kinds_of(*refusals: type[Refusal]) -> list[Kind]:
    """The kinds of problem for these classes of refusals."""
    return [kind_of(refusal) for refusal in refusals]
