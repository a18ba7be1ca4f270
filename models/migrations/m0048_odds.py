"""Rolls among the daily facts are found by their own index, and an alert about a table of odds is noted once for ever."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

ROLLED = "CREATE INDEX IF NOT EXISTS daily_fact_rolled_idx ON daily_fact (edition, rule, version) WHERE flow = 'rolled'"
KINDS = """
ALTER TABLE number_alert DROP CONSTRAINT IF EXISTS number_alert_kind_check,
    ADD CONSTRAINT number_alert_kind_check CHECK (kind IN ('spike', 'ratio', 'odds'))
"""
ONCE = "CREATE UNIQUE INDEX IF NOT EXISTS number_alert_odds_key ON number_alert (flow) WHERE kind = 'odds'"


class Migration(BaseMigration):
    """Adds indexes, and a kind of alert."""

    dependencies = [("jifen", "m0047_lists_at_scale")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(one) for one in (ROLLED, KINDS, ONCE)]  # noqa: RUF012  # as Tortoise declares it
