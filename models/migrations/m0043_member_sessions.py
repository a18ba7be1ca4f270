"""Sessions are found by their member, too: operators end them."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

BY_MEMBER = "CREATE INDEX IF NOT EXISTS session_member_idx ON session (member_id)"


class Migration(BaseMigration):
    """Adds an index, which also serves the merging of members."""

    dependencies = [("jifen", "m0042_number_snapshots")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(BY_MEMBER)]  # noqa: RUF012  # as Tortoise declares it
