"""Indexes for lists of millions of rows: those of a rare state, kind, reward, store or action, newest first; and entries by time.

Without them a page walked the index of all rows until it had found fifty. None is of a table that a sign-in changes.
"""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

ENTRIES = (
    "CREATE INDEX IF NOT EXISTS entry_posted_idx ON entry USING brin (posted_at) WITH (autosummarize = on)"
)
"""Ranges of pages: a new entry adds nothing to it. The daily facts and their reconciliation read entries by time."""
OF_ITEM = """
CREATE INDEX IF NOT EXISTS redemption_of_item_idx ON redemption (item, created_at, member_id, receipt_no, line)
"""
OF_STATE = """
CREATE INDEX IF NOT EXISTS redemption_state_idx ON redemption (state, created_at, member_id, receipt_no, line)
"""
OF_STORE = """
CREATE INDEX IF NOT EXISTS redemption_store_idx ON redemption (store, created_at, member_id, receipt_no, line)
WHERE store IS NOT NULL
"""
NOTICES = "CREATE INDEX IF NOT EXISTS notice_kind_idx ON notice (kind, created_at, member_id, key)"
OPERATIONS = "CREATE INDEX IF NOT EXISTS operation_action_idx ON operation (action, at, member_id, id)"
DELIVERIES = """
CREATE INDEX IF NOT EXISTS webhook_delivery_open_idx ON webhook_delivery (webhook_id, state, created_at, change_id)
WHERE state <> 'delivered'
"""


class Migration(BaseMigration):
    """Adds seven indexes; one of them takes the place of another."""

    dependencies = [("jifen", "m0046_operator_jobs")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [  # noqa: RUF012  # as Tortoise declares it
        RunSQL(ENTRIES), RunSQL(OF_ITEM), RunSQL("DROP INDEX IF EXISTS redemption_item_idx"), RunSQL(OF_STATE), RunSQL(OF_STORE),
        RunSQL(NOTICES), RunSQL(OPERATIONS), RunSQL(DELIVERIES),
    ]  # fmt: skip
