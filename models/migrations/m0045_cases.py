"""Cases: members who spent far more than usual and can spend nothing until somebody has looked at it."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

STATUS = """
ALTER TABLE account DROP CONSTRAINT IF EXISTS account_status_check,
    ADD CONSTRAINT account_status_check CHECK (status IN ('open', 'limited', 'frozen', 'closed', 'merged'))
"""
CASE = """
CREATE TABLE IF NOT EXISTS risk_case (
    member_id bigint NOT NULL,
    receipt_no bigint NOT NULL,
    source bigint NOT NULL,
    cause text NOT NULL,
    found bigint NOT NULL,
    bound bigint NOT NULL,
    opened_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'open',
    reason text,
    decided_by text,
    decided_at timestamptz,
    CONSTRAINT risk_case_pkey PRIMARY KEY (member_id, receipt_no),
    CONSTRAINT risk_case_found_check CHECK (found > 0 AND bound > 0 AND found > bound),
    CONSTRAINT risk_case_cause_check CHECK (cause IN ('usual', 'hour_times', 'hour_points', 'day_times', 'day_points')),
    CONSTRAINT risk_case_state_check CHECK (
        state IN ('open', 'released', 'kept') AND (state = 'open') = (decided_at IS NULL)
        AND (state = 'open') = (decided_by IS NULL) AND (state = 'open') = (reason IS NULL)
    )
)
"""
ONE_OPEN = (
    "CREATE UNIQUE INDEX IF NOT EXISTS risk_case_open_key ON risk_case (member_id) WHERE state = 'open'"
)
BY_TIME = "CREATE INDEX IF NOT EXISTS risk_case_opened_idx ON risk_case (opened_at, member_id, receipt_no)"


class Migration(BaseMigration):
    """Adds a status of accounts and a table."""

    dependencies = [("jifen", "m0044_key_use")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(one) for one in (STATUS, CASE, ONE_OPEN, BY_TIME)]  # noqa: RUF012  # as Tortoise declares it
