"""Followers who have done nothing else yet: the newcomer's gift waits for their first act."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

SILENT = "ALTER TABLE identity ADD COLUMN IF NOT EXISTS silent boolean NOT NULL DEFAULT false"


class Migration(BaseMigration):
    """Adds a column. Members of today have got their gift."""

    dependencies = [("jifen", "m0019_unionids")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(SILENT)]  # noqa: RUF012  # as Tortoise declares it
