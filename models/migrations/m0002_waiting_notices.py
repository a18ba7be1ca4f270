"""An index by which the notices are found that have waited for a visit for too long."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL


class Migration(BaseMigration):
    """Adds the index of waiting notices."""

    dependencies = [("jifen", "m0001_ledger")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [  # noqa: RUF012  # as Tortoise declares it
        RunSQL("CREATE INDEX notice_waiting_idx ON notice (due_at) WHERE state = 'waiting'")
    ]
