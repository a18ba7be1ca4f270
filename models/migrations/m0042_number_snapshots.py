"""Pages of numbers over all members, as they were computed last."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

SNAPSHOT = """
CREATE TABLE IF NOT EXISTS number_snapshot (
    name text NOT NULL,
    day date NOT NULL,
    content jsonb NOT NULL,
    noted_at timestamptz NOT NULL,
    CONSTRAINT number_snapshot_pkey PRIMARY KEY (name)
)
"""


class Migration(BaseMigration):
    """Adds a table."""

    dependencies = [("jifen", "m0041_appeals")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(SNAPSHOT)]  # noqa: RUF012  # as Tortoise declares it
