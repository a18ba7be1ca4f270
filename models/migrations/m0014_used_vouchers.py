"""Used vouchers, with clerk and store, and the instant until which a member may cancel one.

Whoever holds a voucher from before was promised that it can be cancelled until it expires; the day after that is past any zone.

Each operation may be run again: Tortoise records a migration after the transaction that made it, and a kill between the two
leaves a migration that is made and not recorded.
"""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

COLUMNS = """
ALTER TABLE redemption ADD COLUMN IF NOT EXISTS cancellable_until timestamptz, ADD COLUMN IF NOT EXISTS used_by text,
    ADD COLUMN IF NOT EXISTS store text
"""
PROMISED = """
UPDATE redemption SET cancellable_until = (expires_on + 1)::timestamp AT TIME ZONE 'UTC'
WHERE source = 'redeem' AND state = 'issued' AND cancellable_until IS NULL AND expires_on >= current_date
"""
CLOSED = """
ALTER TABLE redemption DROP CONSTRAINT IF EXISTS redemption_closed_check, ADD CONSTRAINT redemption_closed_check CHECK (
    (state = 'issued') = (closed_at IS NULL) AND (state = 'used') = (used_by IS NOT NULL) AND (store IS NULL OR state = 'used')
)
"""


class Migration(BaseMigration):
    """Adds columns and a check to `redemption`, and writes its unused rows once."""

    dependencies = [("jifen", "m0013_sealed_rounds")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(COLUMNS), RunSQL(PROMISED), RunSQL(CLOSED)]  # noqa: RUF012  # as Tortoise declares it
