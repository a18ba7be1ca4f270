"""What each rule version makes worse for members, and whether it took effect without the usual notice.

Versions of before have neither: nobody compared them.
"""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

LOSSES = "ALTER TABLE rule_version ADD COLUMN IF NOT EXISTS losses jsonb NOT NULL DEFAULT '[]'"
URGENT = "ALTER TABLE rule_version ADD COLUMN IF NOT EXISTS urgent boolean NOT NULL DEFAULT false"


class Migration(BaseMigration):
    """Adds two columns."""

    dependencies = [("jifen", "m0020_first_act")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(LOSSES), RunSQL(URGENT)]  # noqa: RUF012  # as Tortoise declares it
