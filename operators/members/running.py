"""Commands that an operator gives to the engine: each names who gives it."""

import secrets
from collections.abc import Callable
from typing import Any

from loyalty.adjustments.commands import OPERATOR
from loyalty.engine.command import Command
from loyalty.engine.outcomes import Outcome
from loyalty.operations.commands import GivenBy
from operators.desk import Desk


async def run(
    desk: Desk, command: Callable[..., Command], member_id: int, *, key: str = "", **fields: Any
) -> Outcome:
    """Run a command of the operator, under a fresh request key unless one is given. Raises EngineUnavailable."""
    engine = desk.resources.engine
    asked = command(
        member_id=member_id, request_key=key or f"desk:{secrets.token_urlsafe(16)}", at=engine.clock.now(), actor=OPERATOR,
        **given_by(desk)._asdict(), **fields,
    )  # fmt: skip
    return (await engine.run(asked)).outcome


def given_by(desk: Desk) -> GivenBy:
    """Who gives a command from this desk."""
    return GivenBy(desk.operator.name, desk.operator.role, desk.origin)
