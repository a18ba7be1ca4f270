"""Holds: points set aside for an order, until they are captured or released."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

HOLD = """
CREATE TABLE IF NOT EXISTS hold (
    member_id bigint NOT NULL,
    receipt_no bigint NOT NULL,
    created_at timestamptz NOT NULL,
    order_no text NOT NULL,
    store text NOT NULL,
    amount_fen bigint NOT NULL,
    points bigint NOT NULL,
    points_per_yuan int NOT NULL,
    deadline timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'open',
    captured bigint NOT NULL DEFAULT 0,
    closed_at timestamptz,
    CONSTRAINT hold_pkey PRIMARY KEY (member_id, receipt_no),
    CONSTRAINT hold_amounts_check CHECK (amount_fen >= 1 AND points >= 1 AND points_per_yuan >= 1),
    CONSTRAINT hold_closed_check CHECK (state IN ('open', 'captured', 'cancelled', 'lapsed')
        AND (state = 'open') = (closed_at IS NULL) AND (state = 'captured') = (captured > 0) AND captured BETWEEN 0 AND points)
)
"""
ORDERS = "CREATE UNIQUE INDEX IF NOT EXISTS hold_order_idx ON hold (member_id, store, order_no)"
DUE = "CREATE INDEX IF NOT EXISTS hold_due_idx ON hold (deadline, member_id, receipt_no) WHERE state = 'open'"


class Migration(BaseMigration):
    """Adds a table."""

    dependencies = [("jifen", "m0023_lot_use_kinds")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(HOLD), RunSQL(ORDERS), RunSQL(DUE)]  # noqa: RUF012  # as Tortoise declares it
