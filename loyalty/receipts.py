"""What a receipt keeps of an outcome: its code, and its facts as JSON; and the outcome they make again."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter

from loyalty import refusals, results
from loyalty.outcomes import Outcome


def _named() -> Iterator[type[Outcome]]:
    for found in (*vars(results).values(), *vars(refusals).values()):
        if isinstance(found, type) and issubclass(found, Outcome) and "code" in vars(found):
            yield found


BY_CODE: Final[dict[str, type[Outcome]]] = {outcome.code: outcome for outcome in _named()}


def facts_of(outcome: Outcome) -> bytes:
    """The outcome's fields as JSON."""
    return _adapter(outcome.code).dump_json(outcome)


def outcome_of(code: str, facts: str | bytes) -> Outcome:
    """The outcome that a receipt tells of. Raises KeyError for a code this version does not know."""
    outcome: Outcome = _adapter(code).validate_json(facts)
    return outcome


@cache
def _adapter(code: str) -> TypeAdapter[Any]:
    return TypeAdapter(BY_CODE[code])
