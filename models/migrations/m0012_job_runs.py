"""The latest run of each of the worker's jobs."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

JOB_RUNS = """
CREATE TABLE IF NOT EXISTS job_run (
    job text NOT NULL,
    began_at timestamptz NOT NULL,
    CONSTRAINT job_run_pkey PRIMARY KEY (job)
)
"""


class Migration(BaseMigration):
    """Adds a table."""

    dependencies = [("jifen", "m0011_traces")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(JOB_RUNS)]  # noqa: RUF012  # as Tortoise declares it
