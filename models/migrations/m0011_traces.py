"""Receipts keep what it takes to decide them again, and the audit finds those of a day.

Receipts that stand already keep no trace; the audit tells how many there are. Stop the old program before migrating: it would add
receipts without one. The index has one entry per range of blocks, because receipts are stored in the order of their posted time.

Each operation may be run again, as in m0005.
"""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL


class Migration(BaseMigration):
    """Adds a column, without rewriting the table, and an index over the table's blocks."""

    dependencies = [("jifen", "m0010_installation")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [  # noqa: RUF012  # as Tortoise declares it
        RunSQL("ALTER TABLE receipt ADD COLUMN IF NOT EXISTS trace text"),
        RunSQL(
            "CREATE INDEX IF NOT EXISTS receipt_posted_idx ON receipt USING brin (posted_at) WITH (autosummarize = on)"
        ),
    ]
