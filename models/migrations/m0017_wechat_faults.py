"""Faults of the set-up at WeChat, and which of them a waiting notice waits for."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

FAULT = """
CREATE TABLE IF NOT EXISTS wechat_fault (
    target text NOT NULL,
    api text NOT NULL,
    errcode integer,
    since timestamptz NOT NULL,
    probe_at timestamptz NOT NULL,
    probes integer NOT NULL DEFAULT 0,
    mended_at timestamptz,
    CONSTRAINT wechat_fault_pkey PRIMARY KEY (target),
    CONSTRAINT wechat_fault_span_check CHECK (mended_at >= since AND probes >= 0)
)
"""


class Migration(BaseMigration):
    """Adds a table and a column."""

    dependencies = [("jifen", "m0016_merging")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [  # noqa: RUF012  # as Tortoise declares it
        RunSQL(FAULT),
        RunSQL("ALTER TABLE notice ADD COLUMN IF NOT EXISTS fault text"),
        RunSQL(
            "CREATE INDEX IF NOT EXISTS notice_fault_idx ON notice (fault) WHERE state = 'waiting' AND fault IS NOT NULL"
        ),
    ]
