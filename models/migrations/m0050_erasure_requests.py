"""Requests of members to have their personal data erased, which an operator carries out."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

REQUEST = """
CREATE TABLE IF NOT EXISTS erasure_request (
    member_id bigint NOT NULL,
    asked_at timestamptz NOT NULL,
    CONSTRAINT erasure_request_pkey PRIMARY KEY (member_id)
)
"""
BY_TIME = "CREATE INDEX IF NOT EXISTS erasure_request_asked_idx ON erasure_request (asked_at, member_id)"


class Migration(BaseMigration):
    """Adds a table."""

    dependencies = [("jifen", "m0049_busy_hours")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(one) for one in (REQUEST, BY_TIME)]  # noqa: RUF012  # as Tortoise declares it
