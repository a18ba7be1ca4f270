"""A rule version whose day has come: its rounds are opened, its stock is put on the shelf."""

from datetime import datetime

from loyalty.programme.publication import put_in_force
from runtime.resources import Resources


async def put_rules_in_force(resources: Resources, now: datetime) -> int:
    """Put the version in force into effect; its id. At each tick anew: a process whose clock is behind may have undone some of it.

    Raises NoRulesPublished and EngineUnavailable.
    """
    return await put_in_force(resources.engine)
