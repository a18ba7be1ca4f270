"""The order to which each refund was applied, and what of an order was refunded before it came along with a merged member."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

BEFORE = "ALTER TABLE purchase ADD COLUMN IF NOT EXISTS refunded_before bigint NOT NULL DEFAULT 0"
ORDER = """
ALTER TABLE order_refund ADD COLUMN IF NOT EXISTS order_store text, ADD COLUMN IF NOT EXISTS order_no text,
    ADD COLUMN IF NOT EXISTS order_receipt_no bigint
"""
KNOWN = """
UPDATE order_refund r SET order_store = p.store, order_no = p.order_no, order_receipt_no = p.receipt_no
FROM purchase p
WHERE r.state = 'applied' AND r.order_receipt_no IS NULL AND p.member_id = r.member_id
    AND r.refund_of IN (p.order_no, p.event) AND r.store IN ('', p.store) AND p.refunded_fen > 0
"""
REST = """
UPDATE purchase p SET refunded_before = p.refunded_fen - coalesce((
    SELECT sum(r.amount_fen) FROM order_refund r
    WHERE r.member_id = p.member_id AND r.order_store = p.store AND r.order_no = p.order_no
        AND r.order_receipt_no = p.receipt_no AND r.state = 'applied'
), 0)
WHERE p.refunded_fen > 0
"""
APPLIED = """
ALTER TABLE order_refund DROP CONSTRAINT IF EXISTS order_refund_order_check,
    ADD CONSTRAINT order_refund_order_check CHECK (
        (order_receipt_no IS NULL) = (order_no IS NULL) AND (order_receipt_no IS NULL) = (order_store IS NULL)
        AND (state = 'applied' OR order_receipt_no IS NULL)
    )
"""


class Migration(BaseMigration):
    """Adds columns; reads refunds and refunded orders once."""

    dependencies = [("jifen", "m0032_titles")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [  # noqa: RUF012  # as Tortoise declares it
        RunSQL(BEFORE), RunSQL(ORDER), RunSQL(KNOWN), RunSQL(REST), RunSQL(APPLIED),
    ]  # fmt: skip
