"""Prices and odds that members were last shown in the chat."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

SHOWN = """
CREATE TABLE IF NOT EXISTS shown (
    member_id bigint NOT NULL,
    subject text COLLATE "C" NOT NULL,
    version text NOT NULL,
    shown_at timestamptz NOT NULL,
    CONSTRAINT shown_pkey PRIMARY KEY (member_id, subject)
)
"""


class Migration(BaseMigration):
    """Adds a table."""

    dependencies = [("jifen", "m0006_repairs")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(SHOWN)]  # noqa: RUF012  # as Tortoise declares it
