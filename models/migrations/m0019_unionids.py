"""Vouchers that move with a merged member; and the unionids that are still missing.

`identity.ask_after` says from when on to ask WeChat again. It is filled for every openid whose member has no unionid. The job takes
those of the official account.
"""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

ASK_AFTER = "ALTER TABLE identity ADD COLUMN IF NOT EXISTS ask_after timestamptz"
MISSING = """
UPDATE identity SET ask_after = linked_at WHERE provider <> 'unionid' AND member_id NOT IN (
    SELECT member_id FROM identity WHERE provider = 'unionid'
)
"""
CARRIED = "ALTER TABLE redemption ADD COLUMN IF NOT EXISTS carried boolean NOT NULL DEFAULT false"
MOVED = """
ALTER TABLE redemption DROP CONSTRAINT IF EXISTS redemption_state_check,
    ADD CONSTRAINT redemption_state_check CHECK (state IN ('issued', 'used', 'cancelled', 'moved'))
"""
DUE = "CREATE INDEX IF NOT EXISTS identity_ask_idx ON identity (provider, ask_after) WHERE ask_after IS NOT NULL"


class Migration(BaseMigration):
    """Adds a column and reads `identity` once."""

    dependencies = [("jifen", "m0018_winners")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [  # noqa: RUF012  # as Tortoise declares it
        RunSQL(statement) for statement in (ASK_AFTER, MISSING, DUE, CARRIED, MOVED)
    ]
