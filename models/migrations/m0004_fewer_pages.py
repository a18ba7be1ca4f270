"""A sign-in writes fewer pages (docs/performance.md), because no index names a column that every sign-in changes.

If a changed column occurs in any index of a row, its condition included, PostgreSQL adds an entry to every index of the row.
`lot.remaining` was in the condition of `lot_lapse_idx`; whether anything remains seldom changes. `last_seen_on` was indexed for the
job over silent members. It moves to the account's row, which a sign-in writes anyway, and `member` keeps a day of the job's own.
"""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

LOTS = (
    "ALTER TABLE lot ADD COLUMN has_remaining boolean NOT NULL GENERATED ALWAYS AS (remaining > 0) STORED",
    "DROP INDEX lot_lapse_idx",
    "CREATE INDEX lot_lapse_idx ON lot (expires_on, member_id) WHERE has_remaining",
)
VISITS = (
    "ALTER TABLE account ADD COLUMN last_seen_on date",
    "UPDATE account a SET last_seen_on = m.last_seen_on FROM member m WHERE m.member_id = a.member_id",
    "ALTER TABLE account ALTER COLUMN last_seen_on SET NOT NULL",
    "ALTER TABLE member RENAME COLUMN last_seen_on TO last_seen_floor",
    "ALTER INDEX member_last_seen_idx RENAME TO member_last_seen_floor_idx",
)


class Migration(BaseMigration):
    """Rewrites `lot` and `account` once."""

    dependencies = [("jifen", "m0003_silent_members")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(sql) for sql in (*LOTS, *VISITS)]  # noqa: RUF012  # as Tortoise declares it
