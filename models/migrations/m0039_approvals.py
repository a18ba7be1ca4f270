"""Approvals: what one operator asks for and another decides."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

APPROVAL = """
CREATE TABLE IF NOT EXISTS approval (
    id text NOT NULL,
    action text NOT NULL,
    member_id bigint NOT NULL,
    facts jsonb NOT NULL,
    reason text NOT NULL,
    asked_by bigint NOT NULL,
    asked_name text NOT NULL,
    asked_role text NOT NULL,
    asked_origin text NOT NULL,
    asked_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    state text NOT NULL,
    decided_by bigint,
    decided_name text,
    decided_at timestamptz,
    answer text,
    outcome text,
    CONSTRAINT approval_pkey PRIMARY KEY (id),
    CONSTRAINT approval_state_check CHECK (state IN ('asked', 'approved', 'refused', 'withdrawn', 'expired')),
    CONSTRAINT approval_second_check CHECK (
        (decided_by IS NOT NULL) = (state IN ('approved', 'refused')) AND asked_by <> decided_by
        AND (decided_by IS NULL) = (decided_name IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)
    ),
    CONSTRAINT approval_outcome_check CHECK (outcome IS NULL OR state = 'approved')
)
"""
BY_TIME = "CREATE INDEX IF NOT EXISTS approval_asked_idx ON approval (asked_at, id)"
ASKED = "CREATE INDEX IF NOT EXISTS approval_open_idx ON approval (expires_at) WHERE state = 'asked'"


class Migration(BaseMigration):
    """Adds a table."""

    dependencies = [("jifen", "m0038_number_alerts")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(one) for one in (APPROVAL, BY_TIME, ASKED)]  # noqa: RUF012  # as Tortoise declares it
