"""The schedule: what the worker looks after, and how often it looks.

A tick only asks; what is due is asked of the injected clock, so in the demo months pass in a second. No tick is
precious: a lost one is made good by the next.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from runtime.resources import Resources
from tasks.audit import Nightly
from tasks.backlog import measure_backlog
from tasks.delivery import deliver_notices
from tasks.expiry import expire_points, open_points, warn_expiring
from tasks.follow_ups import settle_follow_ups
from tasks.rules import put_rules_in_force
from tasks.sessions import drop_expired_sessions
from tasks.sweeps import Daily
from tasks.waiting import end_waiting
from tasks.wakeup import wake_silent


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
