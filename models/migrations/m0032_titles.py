"""Whether others may see the title of a member's tier; nobody's is shown unless they say so."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

TITLE_SHOWN = "ALTER TABLE member ADD COLUMN IF NOT EXISTS title_shown boolean NOT NULL DEFAULT false"


class Migration(BaseMigration):
    """Adds a column."""

    dependencies = [("jifen", "m0031_unlocked")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(TITLE_SHOWN)]  # noqa: RUF012  # as Tortoise declares it
