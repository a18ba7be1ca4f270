"""Withdrawals of scheduled rule versions."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

WITHDRAWALS = """
CREATE TABLE IF NOT EXISTS rule_withdrawal (
    version integer NOT NULL,
    effective_from timestamptz NOT NULL,
    withdrawn_at timestamptz NOT NULL,
    withdrawn_by text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT rule_withdrawal_pkey PRIMARY KEY (version),
    CONSTRAINT rule_withdrawal_time_check CHECK (withdrawn_at < effective_from)
)
"""


class Migration(BaseMigration):
    """Adds a table."""

    dependencies = [("jifen", "m0007_shown")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(WITHDRAWALS)]  # noqa: RUF012  # as Tortoise declares it
