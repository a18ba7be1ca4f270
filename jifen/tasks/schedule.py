"""The schedule: what the worker looks after, and how often it looks.

A tick only asks; what is due is asked of the injected clock, so in the demo months pass in a second. No tick is
precious: a lost one is made good by the next.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from jifen.runtime.resources import Resources
from jifen.tasks.audit import Nightly
from jifen.tasks.backlog import measure_backlog
from jifen.tasks.delivery import deliver_notices
from jifen.tasks.expiry import expire_points, open_points, warn_expiring
from jifen.tasks.follow_ups import settle_follow_ups
from jifen.tasks.rules import put_rules_in_force
from jifen.tasks.sessions import drop_expired_sessions
from jifen.tasks.sweeps import Daily
from jifen.tasks.waiting import end_waiting
from jifen.tasks.wakeup import wake_silent


@dataclass(frozen=True)
class Job:
    """A job and its tick. `every_s` divides a minute; `run` takes the resources and the clock's instant."""

    name: str
    every_s: int
    run: Callable[[Resources, datetime], Awaitable[object]]


def schedule() -> tuple[Job, ...]:
    """All jobs, for one worker: the daily ones remember how far they came today."""
    return (
        Job("put_rules_in_force", 1, put_rules_in_force),
        Job("follow_ups", 1, settle_follow_ups),
        Job("deliver_notices", 1, deliver_notices),
        Job("open_points", 1, Daily(open_points)),
        Job("expire_points", 1, Daily(expire_points)),
        Job("warn_expiring", 1, Daily(warn_expiring)),
        Job("wake_silent", 1, Daily(wake_silent)),
        Job("drop_expired_sessions", 60, drop_expired_sessions),
        Job("end_waiting", 1, end_waiting),
        Job("audit", 60, Nightly()),
        Job("measure_backlog", 15, measure_backlog),
    )
