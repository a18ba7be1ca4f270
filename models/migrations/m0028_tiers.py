"""Tiers with their history: which tier a member had since when, and why."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

TIER_SPAN = """
CREATE TABLE IF NOT EXISTS tier_span (
    member_id bigint NOT NULL,
    receipt_no bigint NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    tier text NOT NULL,
    came_from text NOT NULL,
    why text NOT NULL CONSTRAINT tier_span_why_check
        CHECK (why IN ('begun', 'reached', 'kept', 'fell', 'refunded', 'merged')),
    CONSTRAINT tier_span_pkey PRIMARY KEY (member_id, receipt_no),
    CONSTRAINT tier_span_until_check CHECK (until >= since)
)
"""
OPEN = "CREATE INDEX IF NOT EXISTS tier_span_open_idx ON tier_span (member_id) WHERE until IS NULL"


class Migration(BaseMigration):
    """Adds a table."""

    dependencies = [("jifen", "m0027_segments")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(TIER_SPAN), RunSQL(OPEN)]  # noqa: RUF012  # as Tortoise declares it
