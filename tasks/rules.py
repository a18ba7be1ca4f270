"""The job for a rule version whose day has come: open the rounds of its wheels, create its stock."""

from datetime import datetime

from loyalty.programme.publishing.publication import put_in_force
from runtime.resources import Resources


async def put_rules_in_force(resources: Resources, now: datetime) -> int:
    """Bring rounds and stock in line with the version in force; returns its id.

    Every tick repeats it, because a process whose clock is behind may have applied the earlier version again.

    Raises NoRulesPublished and EngineUnavailable.
    """
    return await put_in_force(resources.engine)
