"""Phone numbers are found by their last four digits, through the drawer that a keyed hash of these names.

Numbers from before are put into their drawers by a job of the worker, because it takes the key.
"""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

COLUMN = "ALTER TABLE phone ADD COLUMN IF NOT EXISTS tail int"
NO_CHECK = "ALTER TABLE phone DROP CONSTRAINT IF EXISTS phone_tail_check"
CHECK = "ALTER TABLE phone ADD CONSTRAINT phone_tail_check CHECK (tail BETWEEN 0 AND 2047)"
BY_TAIL = "CREATE INDEX IF NOT EXISTS phone_tail_idx ON phone (tail, member_id)"
UNFILED = "CREATE INDEX IF NOT EXISTS phone_unfiled_idx ON phone (member_id) WHERE tail IS NULL"


class Migration(BaseMigration):
    """Adds the column and its indexes."""

    dependencies = [("jifen", "m0051_data_copies")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(sql) for sql in (COLUMN, NO_CHECK, CHECK, BY_TAIL, UNFILED)]  # noqa: RUF012  # as Tortoise declares it
