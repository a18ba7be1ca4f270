"""When a key was last used, and the previous secret of a webhook, which signs beside the present one for a while."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

USED = "ALTER TABLE partner_key ADD COLUMN IF NOT EXISTS used_at timestamptz"
PREVIOUS = """
ALTER TABLE webhook ADD COLUMN IF NOT EXISTS previous_sealed bytea, ADD COLUMN IF NOT EXISTS previous_key_id text,
    ADD COLUMN IF NOT EXISTS previous_until timestamptz
"""
WHOLE = """
ALTER TABLE webhook DROP CONSTRAINT IF EXISTS webhook_previous_check, ADD CONSTRAINT webhook_previous_check CHECK (
    (previous_sealed IS NULL) = (previous_until IS NULL) AND (previous_key_id IS NULL) = (previous_until IS NULL)
)
"""


class Migration(BaseMigration):
    """Adds columns."""

    dependencies = [("jifen", "m0043_member_sessions")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(USED), RunSQL(PREVIOUS), RunSQL(WHOLE)]  # noqa: RUF012  # as Tortoise declares it
