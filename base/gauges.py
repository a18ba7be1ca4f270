"""Every metric of the house in one list: the rooms call the functions, `runtime.metrics` shows all processes' numbers together.

Labels are words of this program (a door, a command, an outcome's code), never anything of a member: the number of series is bounded
and small. Counting costs microseconds, so what happens thousands of times a second is counted once a batch.
"""

from collections import Counter as Tally
from collections.abc import Iterable
from functools import cache

from prometheus_client import Counter, Gauge, Histogram

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
RUN_SECONDS = (0.01, 0.1, 1, 5, 10, 60, 600, 3600)

HTTP_SECONDS = Histogram(
    "jifen_http_seconds", "Answers and the time they took", ["door", "status"], buckets=SECONDS
)
ENGINE_BATCH_COMMANDS = Histogram(
    "jifen_engine_batch_commands", "Commands in one transaction", buckets=BATCH_SIZES
)
ENGINE_BATCH_SECONDS = Histogram("jifen_engine_batch_seconds", "Time of one transaction", buckets=SECONDS)
ENGINE_AGAIN = Counter("jifen_engine_again_total", "Commands that were decided again, by why", ["why"])
ENGINE_WAITING = Gauge(
    "jifen_engine_waiting_commands", "Commands that wait for a transaction", multiprocess_mode="livesum"
)
COMMANDS = Counter("jifen_commands_total", "Commands answered, by what they came to", ["command", "code"])
NOTICES = Counter(
    "jifen_notices_total", "Notices looked at, by what became of them", ["kind", "state", "channel"]
)
MESSAGES_SHED = Counter(
    "jifen_messages_shed_total", "Messages answered 请过一会儿再发一次 under overload, and not carried out"
)
LATE_REPLIES = Counter("jifen_late_replies_total", "Answers that followed the webhook's, by state", ["state"])
JOB_RUNS = Counter("jifen_job_runs_total", "Runs of the worker's jobs", ["job", "result"])
JOB_SECONDS = Histogram("jifen_job_seconds", "Time of one run", ["job"], buckets=RUN_SECONDS)
DATABASE_CONNECTIONS = Gauge(
    "jifen_database_connections", "Connections to the database", ["state"], multiprocess_mode="livesum"
)
BACKLOG = Gauge(
    "jifen_backlog", "Due rows that wait for the worker, counted up to a limit", ["what"],
    multiprocess_mode="livemostrecent",
)  # fmt: skip
BACKLOG_SECONDS = Gauge(
    "jifen_backlog_seconds", "For how long the longest waiting of them has been due", ["what"],
    multiprocess_mode="livemostrecent",
)  # fmt: skip

AUDIT_VIOLATIONS = Gauge(
    "jifen_audit_violations", "What the last audit of a night found", multiprocess_mode="livemostrecent"
)
AUDIT_TIME = Gauge(
    "jifen_audit_time_seconds", "When it was, as unix time; missing for days is a finding too",
    multiprocess_mode="livemostrecent",
)  # fmt: skip


def engine_batch(commands: int, seconds: float) -> None:
    """One transaction was committed."""
    ENGINE_BATCH_COMMANDS.observe(commands)
    ENGINE_BATCH_SECONDS.observe(seconds)


def engine_answered(answers: Iterable[tuple[str, str]]) -> None:
    """Commands were decided: (name, outcome's code) of each; "error" for one that raised, "again" for one that lost a race."""
    for (command, code), times in Tally(answers).items():
        COMMANDS.labels(command, code).inc(times)


def engine_again(why: str, commands: int) -> None:
    """So many commands go back to the front: "stock" fell short, a "transient" error, a batch that failed is tried one "alone"."""
    ENGINE_AGAIN.labels(why).inc(commands)


def engine_waiting(commands: int) -> None:
    """So many commands wait in this process now."""
    ENGINE_WAITING.set(commands)


@cache
def _seconds(door: str, status: int) -> Histogram:
    return HTTP_SECONDS.labels(door, status)


def http_answer(door: str, status: int, seconds: float) -> None:
    """One HTTP request was answered."""
    _seconds(door, status).observe(seconds)


def notice(kind: str, state: str, channel: str | None) -> None:
    """One notice was settled."""
    NOTICES.labels(kind, state, channel or "none").inc()


def message_shed() -> None:
    """Under overload a message was answered 请过一会儿再发一次 and not carried out."""
    MESSAGES_SHED.inc()


def late_replies(state: str, count: int = 1) -> None:
    """Late replies were "promised", or came to an end."""
    LATE_REPLIES.labels(state).inc(count)


def job_run(job: str, *, ok: bool, seconds: float) -> None:
    """One run of a job ended."""
    JOB_RUNS.labels(job, "ok" if ok else "failed").inc()
    JOB_SECONDS.labels(job).observe(seconds)


def database_connections(in_use: int, idle: int) -> None:
    """This process's pool now."""
    DATABASE_CONNECTIONS.labels("in_use").set(in_use)
    DATABASE_CONNECTIONS.labels("idle").set(idle)


def backlog(what: str, rows: int, seconds: float) -> None:
    """Due work of one kind, as the worker just counted it."""
    BACKLOG.labels(what).set(rows)
    BACKLOG_SECONDS.labels(what).set(seconds)


def audited(violations: int, at: float) -> None:
    """The nightly audit of the instant `at` (unix time) came to an end."""
    AUDIT_VIOLATIONS.set(violations)
    AUDIT_TIME.set(at)
