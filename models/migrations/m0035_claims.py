"""Claims on orders: an order of a store also claims its number, and a hold claims its order among all members.

An order without a store and one of the same number in a store are one order. Now a primary key lets one of both be stored.
"""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

CLAIM_ONLY = "ALTER TABLE order_key ADD COLUMN IF NOT EXISTS claim_only boolean NOT NULL DEFAULT false"
CLAIMS = """
INSERT INTO order_key (order_no, store, member_id, receipt_no, claim_only)
SELECT order_no, '', min(member_id), min(receipt_no), true FROM order_key WHERE store <> '' GROUP BY order_no
ON CONFLICT DO NOTHING
"""
HOLD_KEY = """
CREATE TABLE IF NOT EXISTS hold_key (
    order_no text NOT NULL,
    store text NOT NULL,
    turn int NOT NULL,
    member_id bigint NOT NULL,
    receipt_no bigint NOT NULL,
    CONSTRAINT hold_key_pkey PRIMARY KEY (order_no, store, turn)
)
"""
HOLDS = """
WITH holds AS MATERIALIZED (SELECT order_no, store, created_at, member_id, receipt_no FROM hold)
INSERT INTO hold_key (order_no, store, turn, member_id, receipt_no)
SELECT order_no, store, row_number() OVER (PARTITION BY order_no, store ORDER BY created_at, member_id) - 1, member_id, receipt_no
FROM holds
ON CONFLICT DO NOTHING
"""


class Migration(BaseMigration):
    """Adds a column and a table; reads the directory of orders and the holds once."""

    dependencies = [("jifen", "m0034_operators")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [  # noqa: RUF012  # as Tortoise declares it
        RunSQL(CLAIM_ONLY), RunSQL(CLAIMS), RunSQL(HOLD_KEY), RunSQL(HOLDS),
    ]  # fmt: skip
