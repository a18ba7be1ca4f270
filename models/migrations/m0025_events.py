"""Events that shops report, orders with their refunds, and what each rule awarded; growth apart from points.

`event_key` and `order_key` lead from the ids that shops give to the member, so that an id belongs to one member.
"""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

GROWTH = """
CREATE TABLE IF NOT EXISTS growth_entry (
    member_id bigint NOT NULL,
    receipt_no bigint NOT NULL,
    line int NOT NULL,
    reason text NOT NULL,
    amount bigint NOT NULL CONSTRAINT growth_entry_amount_check CHECK (amount <> 0),
    CONSTRAINT growth_entry_pkey PRIMARY KEY (member_id, receipt_no, line)
)
"""
EVENT = """
CREATE TABLE IF NOT EXISTS event (
    member_id bigint NOT NULL,
    receipt_no bigint NOT NULL,
    source text NOT NULL,
    event text NOT NULL,
    kind text NOT NULL,
    day date NOT NULL,
    store text,
    channel text,
    order_no text,
    amount_fen bigint CONSTRAINT event_amount_check CHECK (amount_fen >= 0),
    points bigint NOT NULL CONSTRAINT event_points_check CHECK (points >= 0),
    occurred_at timestamptz NOT NULL,
    rule_version int NOT NULL,
    CONSTRAINT event_pkey PRIMARY KEY (member_id, source, event)
)
"""
EVENT_KEY = """
CREATE TABLE IF NOT EXISTS event_key (
    event text NOT NULL,
    source text NOT NULL,
    member_id bigint NOT NULL,
    receipt_no bigint NOT NULL,
    CONSTRAINT event_key_pkey PRIMARY KEY (event, source)
)
"""
AWARD = """
CREATE TABLE IF NOT EXISTS award (
    member_id bigint NOT NULL,
    receipt_no bigint NOT NULL,
    rule text NOT NULL,
    day date NOT NULL,
    points bigint NOT NULL CONSTRAINT award_points_check CHECK (points >= 0),
    CONSTRAINT award_pkey PRIMARY KEY (member_id, receipt_no, rule)
)
"""
BUDGET_USE = """
CREATE TABLE IF NOT EXISTS budget_use (
    member_id bigint NOT NULL,
    receipt_no bigint NOT NULL,
    budget text NOT NULL,
    points bigint NOT NULL CONSTRAINT budget_use_points_check CHECK (points > 0),
    CONSTRAINT budget_use_pkey PRIMARY KEY (member_id, receipt_no, budget)
)
"""
PURCHASE = """
CREATE TABLE IF NOT EXISTS purchase (
    member_id bigint NOT NULL,
    store text NOT NULL,
    order_no text NOT NULL,
    receipt_no bigint NOT NULL,
    source text NOT NULL,
    event text NOT NULL,
    kind text NOT NULL,
    day date NOT NULL,
    amount_fen bigint NOT NULL,
    terms text NOT NULL,
    granted bigint NOT NULL,
    rule_version int NOT NULL,
    refunded_fen bigint NOT NULL DEFAULT 0,
    reversed bigint NOT NULL DEFAULT 0,
    moved_at timestamptz,
    CONSTRAINT purchase_pkey PRIMARY KEY (member_id, store, order_no, receipt_no),
    CONSTRAINT purchase_amounts_check CHECK (
        amount_fen >= 0 AND refunded_fen BETWEEN 0 AND amount_fen AND granted >= 0 AND reversed BETWEEN 0 AND granted
    )
)
"""
ORDER_KEY = """
CREATE TABLE IF NOT EXISTS order_key (
    order_no text NOT NULL,
    store text NOT NULL,
    member_id bigint NOT NULL,
    receipt_no bigint NOT NULL,
    CONSTRAINT order_key_pkey PRIMARY KEY (order_no, store)
)
"""
REFUND = """
CREATE TABLE IF NOT EXISTS order_refund (
    member_id bigint NOT NULL,
    receipt_no bigint NOT NULL,
    source text NOT NULL,
    event text NOT NULL,
    refund_of text NOT NULL,
    store text NOT NULL,
    amount_fen bigint NOT NULL CONSTRAINT order_refund_amount_check CHECK (amount_fen > 0),
    state text NOT NULL CONSTRAINT order_refund_state_check CHECK (state IN ('waiting', 'applied', 'refused', 'moved')),
    settled_at timestamptz,
    CONSTRAINT order_refund_pkey PRIMARY KEY (member_id, receipt_no, source, event)
)
"""
WAITING = "CREATE INDEX IF NOT EXISTS order_refund_waiting_idx ON order_refund (member_id, refund_of) WHERE state = 'waiting'"


class Migration(BaseMigration):
    """Adds tables."""

    dependencies = [("jifen", "m0024_holds")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [  # noqa: RUF012  # as Tortoise declares it
        RunSQL(statement)
        for statement in (
            GROWTH, EVENT, EVENT_KEY, AWARD, BUDGET_USE, PURCHASE, ORDER_KEY, REFUND, WAITING,
        )
    ]  # fmt: skip
