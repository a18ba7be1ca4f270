"""Appeals of members whose account is frozen."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

APPEAL = """
CREATE TABLE IF NOT EXISTS appeal (
    member_id bigint NOT NULL,
    id text NOT NULL,
    text text NOT NULL,
    state text NOT NULL,
    opened_at timestamptz NOT NULL,
    answer text,
    answered_by text,
    released boolean,
    answered_at timestamptz,
    CONSTRAINT appeal_pkey PRIMARY KEY (member_id, id),
    CONSTRAINT appeal_text_check CHECK (length(text) <= 500),
    CONSTRAINT appeal_state_check CHECK (
        state IN ('open', 'answered') AND (state = 'answered') = (answer IS NOT NULL)
        AND (answer IS NULL) = (answered_by IS NULL) AND (answer IS NULL) = (released IS NULL)
        AND (answer IS NULL) = (answered_at IS NULL)
    )
)
"""
ONE_OPEN = "CREATE UNIQUE INDEX IF NOT EXISTS appeal_open_key ON appeal (member_id) WHERE state = 'open'"
BY_TIME = "CREATE INDEX IF NOT EXISTS appeal_opened_idx ON appeal (opened_at, member_id, id)"


class Migration(BaseMigration):
    """Adds a table."""

    dependencies = [("jifen", "m0040_suggestions")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(one) for one in (APPEAL, ONE_OPEN, BY_TIME)]  # noqa: RUF012  # as Tortoise declares it
