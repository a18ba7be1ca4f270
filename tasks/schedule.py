"""The schedule: the worker's jobs, and how often each gets a tick.

A tick only makes a job look for due work. What is due depends on the injected clock, so in the demo months pass in a
second. A lost tick delays the work until the next one.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from runtime.resources import Resources
from tasks.audit import NightlyAudit
from tasks.backlog import measure_backlog
from tasks.deductions import release_holds
from tasks.delivery import deliver_notices
from tasks.expiry import expire_points, open_points, warn_expiring
from tasks.follow_ups import run_follow_ups
from tasks.inactivity import forfeit_inactive
from tasks.merging import merge_members
from tasks.numbers import count_numbers, watch_numbers, watch_odds
from tasks.rule_changes import RuleAnnouncements
from tasks.rules import put_rules_in_force
from tasks.sessions import drop_expired_sessions
from tasks.sweeps import DailySweep
from tasks.tails import file_phone_tails
from tasks.tiers import review_tiers, set_tiers, warn_tiers
from tasks.unionids import ask_unionids
from tasks.waiting import end_waiting
from tasks.wakeup import wake_silent
from tasks.webhooks import send_webhooks


@dataclass(frozen=True)
class Job:
    """A job: its name in logs and metrics, seconds between ticks (a divisor of 60), and what a run does at an instant."""

    name: str
    every_s: int
    run: Callable[[Resources, datetime], Awaitable[object]]


def schedule() -> tuple[Job, ...]:
    """All jobs, made anew for one worker, as the daily ones keep their cursor of the day in memory."""
    return (
        Job("put_rules_in_force", 1, put_rules_in_force),
        Job("follow_ups", 1, run_follow_ups),
        Job("merge_members", 60, merge_members),
        Job("ask_unionids", 15, ask_unionids),
        Job("deliver_notices", 1, deliver_notices),
        Job("open_points", 1, DailySweep(open_points)),
        Job("expire_points", 1, DailySweep(expire_points)),
        Job("warn_expiring", 1, DailySweep(warn_expiring)),
        Job("release_holds", 5, release_holds),
        Job("tell_of_rule_changes", 5, RuleAnnouncements()),
        Job("wake_silent", 1, DailySweep(wake_silent)),
        Job("set_tiers", 1, DailySweep(set_tiers)),
        Job("review_tiers", 1, DailySweep(review_tiers)),
        Job("warn_tiers", 1, DailySweep(warn_tiers)),
        Job("forfeit_inactive", 1, DailySweep(forfeit_inactive)),
        Job("drop_expired_sessions", 60, drop_expired_sessions),
        Job("file_phone_tails", 60, file_phone_tails),
        Job("send_webhooks", 1, send_webhooks),
        Job("count_numbers", 10, count_numbers),
        Job("watch_numbers", 60, watch_numbers),
        Job("watch_odds", 60, watch_odds),
        Job("end_waiting", 1, end_waiting),
        Job("audit", 60, NightlyAudit()),
        Job("measure_backlog", 15, measure_backlog),
    )
