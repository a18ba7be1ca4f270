"""The days on which members had a copy of their data, and how often."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

COPY = """
CREATE TABLE IF NOT EXISTS data_copy (
    member_id bigint NOT NULL,
    day date NOT NULL,
    copies integer NOT NULL,
    last_at timestamptz NOT NULL,
    CONSTRAINT data_copy_pkey PRIMARY KEY (member_id, day),
    CONSTRAINT data_copy_copies_check CHECK (copies >= 1)
)
"""


class Migration(BaseMigration):
    """Adds a table."""

    dependencies = [("jifen", "m0050_erasure_requests")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(COPY)]  # noqa: RUF012  # as Tortoise declares it
