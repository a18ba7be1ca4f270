"""Mended days: which day, and by how many the days that follow it count more in a row."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

REPAIR = """
CREATE TABLE IF NOT EXISTS check_in_repair (
    member_id bigint NOT NULL,
    day date NOT NULL,
    through date NOT NULL,
    shift int NOT NULL,
    price_points bigint NOT NULL CONSTRAINT check_in_repair_price_check CHECK (price_points >= 0),
    receipt_no bigint NOT NULL,
    CONSTRAINT check_in_repair_pkey PRIMARY KEY (member_id, day),
    CONSTRAINT check_in_repair_span_check CHECK (through >= day AND shift >= 1)
)
"""


class Migration(BaseMigration):
    """Adds a table."""

    dependencies = [("jifen", "m0005_meters")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(REPAIR)]  # noqa: RUF012  # as Tortoise declares it
