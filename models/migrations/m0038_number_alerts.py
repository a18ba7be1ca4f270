"""What stands out in the daily facts, the result of each day's reconciliation, and who the member of a fact is now."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

PERSON = "ALTER TABLE member_day ADD COLUMN IF NOT EXISTS person bigint NOT NULL DEFAULT 0"
RETURNED = """
ALTER TABLE member_day ADD COLUMN IF NOT EXISTS returned bigint NOT NULL DEFAULT 0
    CONSTRAINT member_day_returned_check CHECK (returned >= 0)
"""
ALERTS = """
CREATE TABLE IF NOT EXISTS number_alert (
    day date NOT NULL,
    kind text NOT NULL CONSTRAINT number_alert_kind_check CHECK (kind IN ('spike', 'ratio')),
    flow text NOT NULL,
    found bigint NOT NULL,
    usual bigint NOT NULL,
    noted_at timestamptz NOT NULL,
    CONSTRAINT number_alert_pkey PRIMARY KEY (day, kind, flow)
)
"""
RECONCILED = """
CREATE TABLE IF NOT EXISTS reconciliation (
    day date NOT NULL,
    differences int NOT NULL CONSTRAINT reconciliation_differences_check CHECK (differences >= 0),
    detail text NOT NULL,
    noted_at timestamptz NOT NULL,
    CONSTRAINT reconciliation_pkey PRIMARY KEY (day)
)
"""


class Migration(BaseMigration):
    """Adds two columns and two tables."""

    dependencies = [("jifen", "m0037_drafts")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(one) for one in (PERSON, RETURNED, ALERTS, RECONCILED)]  # noqa: RUF012  # as Tortoise declares it
