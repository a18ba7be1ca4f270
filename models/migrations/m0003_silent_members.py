"""The job over silent members pages by (last_seen_on, member_id); with an index of days alone, each page sorted a whole day."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL


class Migration(BaseMigration):
    """Adds the member to the index."""

    dependencies = [("jifen", "m0002_waiting_notices")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [  # noqa: RUF012  # as Tortoise declares it
        RunSQL("DROP INDEX member_last_seen_idx"),
        RunSQL("CREATE INDEX member_last_seen_idx ON member (last_seen_on, member_id)"),
    ]
