"""Drafts of the rules, section by section, and indexes for the operators' lists."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

DRAFT = """
CREATE TABLE IF NOT EXISTS rule_draft_section (
    section text PRIMARY KEY,
    body jsonb NOT NULL,
    base integer NOT NULL,
    edition integer NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT rule_draft_section_edition_check CHECK (edition > 0 AND base >= 0)
)
"""
BY_NAME = """
CREATE INDEX IF NOT EXISTS member_nickname_idx ON member (lower(nickname) text_pattern_ops, member_id) WHERE nickname IS NOT NULL
"""
BY_TIER = "CREATE INDEX IF NOT EXISTS tier_span_tier_idx ON tier_span (tier, member_id) WHERE until IS NULL"
NOT_OPEN = (
    "CREATE INDEX IF NOT EXISTS account_status_idx ON account (status, member_id) WHERE status <> 'open'"
)
VOUCHERS = "CREATE INDEX IF NOT EXISTS redemption_created_idx ON redemption (created_at, member_id, receipt_no, line)"
NOTICES = "CREATE INDEX IF NOT EXISTS notice_created_idx ON notice (created_at, member_id, key)"


class Migration(BaseMigration):
    """Add the draft and the indexes."""

    dependencies = [("jifen", "m0036_numbers")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [  # noqa: RUF012  # as Tortoise declares it
        RunSQL(DRAFT), RunSQL(BY_NAME), RunSQL(BY_TIER), RunSQL(NOT_OPEN), RunSQL(VOUCHERS), RunSQL(NOTICES),
    ]  # fmt: skip
