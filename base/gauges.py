"""Every metric of the program in one list: packages call the functions, `runtime.metrics` shows the numbers of all processes.

Label values are words of this program (an entry point, a command, an outcome's code) and never say anything about a member, so the
number of series is small and bounded. Counting costs microseconds, so commands are counted once per batch.
"""

from collections import Counter as Tally
from collections.abc import Iterable
from functools import cache

from prometheus_client import Counter, Gauge, Histogram

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
RUN_SECONDS = (0.01, 0.1, 1, 5, 10, 60, 600, 3600)

HTTP_SECONDS = Histogram(
    "jifen_http_seconds",
    "HTTP responses, and the time from request to response",
    ["entry_point", "status"],
    buckets=SECONDS,
)
ENGINE_BATCH_COMMANDS = Histogram(
    "jifen_engine_batch_commands", "Commands per transaction", buckets=BATCH_SIZES
)
ENGINE_BATCH_SECONDS = Histogram("jifen_engine_batch_seconds", "Duration of one transaction", buckets=SECONDS)
ENGINE_RETRIES = Counter("jifen_engine_retries_total", "Commands that were retried, by reason", ["reason"])
ENGINE_WAITING = Gauge(
    "jifen_engine_waiting_commands", "Commands waiting for a transaction", multiprocess_mode="livesum"
)
COMMANDS = Counter(
    "jifen_commands_total", "Commands decided, by the code of their outcome", ["command", "code"]
)
NOTICES = Counter(
    "jifen_notices_total", "Changes of a notice's state, by the new state", ["kind", "state", "channel"]
)
WECHAT_FAILURES = Counter(
    "jifen_wechat_failures_total",
    "Failed calls to WeChat, by API, errcode and what it means",
    ["api", "errcode", "meaning"],
)
WECHAT_FAULTS = Gauge(
    "jifen_wechat_faults", "Faults of the set-up at WeChat for which notices wait, by what is faulty", ["scope"],
    multiprocess_mode="livemostrecent",
)  # fmt: skip
MESSAGES_SHED = Counter(
    "jifen_messages_shed_total", "Messages answered 请过一会儿再发一次 under overload and not handled"
)
REQUESTS_LIMITED = Counter(
    "jifen_requests_limited_total",
    "Requests answered 429 too_many_requests, by what was counted",
    ["counted_by"],
)
LATE_REPLIES = Counter(
    "jifen_late_replies_total", "Changes of a late reply's state, by the new state", ["state"]
)
JOB_RUNS = Counter("jifen_job_runs_total", "Runs of the worker's jobs, by result", ["job", "result"])
JOB_SECONDS = Histogram("jifen_job_seconds", "Duration of one run", ["job"], buckets=RUN_SECONDS)
JOB_AGE = Gauge(
    "jifen_job_age_seconds", "For how long a job has not begun a run, as a server reads it in the database", ["job"],
    multiprocess_mode="livemostrecent",
)  # fmt: skip
REDIS_WORKS = Gauge(
    "jifen_redis_works", "1 if this process could write to Redis the last time it tried, else 0",
    multiprocess_mode="livemin",
)  # fmt: skip
DATABASE_CONNECTIONS = Gauge(
    "jifen_database_connections",
    "Connections in the database pools, by state",
    ["state"],
    multiprocess_mode="livesum",
)
CLOCK_SKEW = Gauge(
    "jifen_clock_skew_seconds", "Difference between the machine's clock and the database's",
    multiprocess_mode="livemax",
)  # fmt: skip
BACKLOG = Gauge(
    "jifen_backlog", "Due rows waiting for the worker, counted up to a limit", ["queue"],
    multiprocess_mode="livemostrecent",
)  # fmt: skip
BACKLOG_SECONDS = Gauge(
    "jifen_backlog_seconds", "For how long the oldest due row has been due", ["queue"],
    multiprocess_mode="livemostrecent",
)  # fmt: skip

AUDIT_VIOLATIONS = Gauge(
    "jifen_audit_violations", "Violations found by the last nightly audit", multiprocess_mode="livemostrecent"
)
ISSUED_PER_USED = Gauge(
    "jifen_issued_per_used",
    "Points issued per point used in the last 30 days",
    multiprocess_mode="livemostrecent",
)
ISSUED_PER_USED_ALERT = Gauge(
    "jifen_issued_per_used_alert",
    "The limit that the settings name for it; 0 for none",
    multiprocess_mode="livemostrecent",
)
NUMBER_ALERTS = Counter(
    "jifen_number_alerts_total", "Numbers of a day that were found far from the usual", ["kind"]
)
AUDIT_TIMESTAMP = Gauge(
    "jifen_audit_timestamp_seconds", "Unix time of the last nightly audit",
    multiprocess_mode="livemostrecent",
)  # fmt: skip


def engine_batch(commands: int, seconds: float) -> None:
    """Count a committed transaction."""
    ENGINE_BATCH_COMMANDS.observe(commands)
    ENGINE_BATCH_SECONDS.observe(seconds)


def engine_decided(decided: Iterable[tuple[str, str]]) -> None:
    """Count decided commands by (name, outcome's code).

    The code is "error" for a command that raised, and "conflict" for one whose account another process had changed.
    """
    for (command, code), times in Tally(decided).items():
        COMMANDS.labels(command, code).inc(times)


def engine_retries(reason: str, commands: int) -> None:
    """Count commands that go back to the front of the queue.

    The reason is "pool_short" (another process took from a shared pool), "transient" (a database error that passes), or
    "batch_failed" (another error: each command of the batch is retried in a transaction of its own).
    """
    ENGINE_RETRIES.labels(reason).inc(commands)


def engine_waiting(commands: int) -> None:
    """Set how many commands wait in this process."""
    ENGINE_WAITING.set(commands)


@cache
def _seconds(entry_point: str, status: int) -> Histogram:
    return HTTP_SECONDS.labels(entry_point, status)


def http_response(entry_point: str, status: int, seconds: float) -> None:
    """Count an HTTP response."""
    _seconds(entry_point, status).observe(seconds)


def notice(kind: str, state: str, channel: str | None) -> None:
    """Count a notice that came into `state`."""
    NOTICES.labels(kind, state, channel or "none").inc()


def wechat_failure(api: str, errcode: int | None, meaning: str) -> None:
    """Count a call that failed with this errcode (None: without one)."""
    WECHAT_FAILURES.labels(api, "none" if errcode is None else errcode, meaning).inc()


def wechat_faults(scope: str, faults: int) -> None:
    """Set how many faults of a scope ("account", "api", "template", "quota") are not mended."""
    WECHAT_FAULTS.labels(scope).set(faults)


def message_shed() -> None:
    """Count a message that was answered 请过一会儿再发一次 under overload and not handled."""
    MESSAGES_SHED.inc()


def request_limited(counted_by: str) -> None:
    """Count a request answered 429: "address", or "caller" for a member or a credential."""
    REQUESTS_LIMITED.labels(counted_by).inc()


def late_replies(state: str, count: int = 1) -> None:
    """Count late replies that came into `state`: "promised", or one of their final states."""
    LATE_REPLIES.labels(state).inc(count)


def job_run(job: str, *, ok: bool, seconds: float) -> None:
    """Count a run of a job that has ended."""
    JOB_RUNS.labels(job, "ok" if ok else "failed").inc()
    JOB_SECONDS.labels(job).observe(seconds)


def job_age(job: str, seconds: float) -> None:
    """Set for how long a job has not begun a run."""
    JOB_AGE.labels(job).set(seconds)


def redis_works(works: bool) -> None:
    """Set whether this process could write to Redis."""
    REDIS_WORKS.set(works)


def database_connections(in_use: int, idle: int) -> None:
    """Set the state of this process's connection pool."""
    DATABASE_CONNECTIONS.labels("in_use").set(in_use)
    DATABASE_CONNECTIONS.labels("idle").set(idle)


def clock_skew(seconds: float) -> None:
    """Set by how much the machine's clock differs from the database's, ahead or behind."""
    CLOCK_SKEW.set(seconds)


def backlog(queue: str, rows: int, seconds: float) -> None:
    """Set how many due rows a queue has, and for how long the oldest has been due."""
    BACKLOG.labels(queue).set(rows)
    BACKLOG_SECONDS.labels(queue).set(seconds)


def audited(violations: int, at: float) -> None:
    """Set the result of the nightly audit of the instant `at` (unix time)."""
    AUDIT_VIOLATIONS.set(violations)
    AUDIT_TIMESTAMP.set(at)


def issued_per_used(ratio: float, limit: int) -> None:
    """Set how many points were issued per point used, and from when on that is to be told."""
    ISSUED_PER_USED.set(ratio)
    ISSUED_PER_USED_ALERT.set(limit)


def number_alert(kind: str) -> None:
    """Count a number that stands out: a "spike", or the "ratio" of points issued and used."""
    NUMBER_ALERTS.labels(kind).inc()
