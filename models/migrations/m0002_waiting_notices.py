"""Notices that wait for a visit do so until a day of their own, and are found by it."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL


class Migration(BaseMigration):
    """An index of what waits."""

    dependencies = [("jifen", "m0001_ledger")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [  # noqa: RUF012  # as Tortoise declares it
        RunSQL("CREATE INDEX notice_waiting_idx ON notice (due_at) WHERE state = 'waiting'")
    ]
