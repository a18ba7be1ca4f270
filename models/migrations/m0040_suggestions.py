"""Suggestions of members: texts that can be erased, apart from receipts, which last."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

SUGGESTION = """
CREATE TABLE IF NOT EXISTS suggestion (
    member_id bigint NOT NULL,
    request_key text NOT NULL,
    text text,
    said_at timestamptz NOT NULL,
    CONSTRAINT suggestion_pkey PRIMARY KEY (member_id, request_key),
    CONSTRAINT suggestion_text_check CHECK (char_length(text) BETWEEN 1 AND 500)
)
"""
SAID = "CREATE INDEX IF NOT EXISTS suggestion_said_idx ON suggestion (said_at) WHERE text IS NOT NULL"


class Migration(BaseMigration):
    """Adds a table."""

    dependencies = [("jifen", "m0039_approvals")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(statement) for statement in (SUGGESTION, SAID)]  # noqa: RUF012  # as Tortoise declares it
