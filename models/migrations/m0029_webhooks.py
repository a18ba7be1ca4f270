"""Outbound webhooks: addresses that partners register, and the deliveries to them."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

WEBHOOK = """
CREATE TABLE IF NOT EXISTS webhook (
    id text NOT NULL,
    key_id text NOT NULL,
    store text,
    url text NOT NULL,
    sealed_secret bytea NOT NULL,
    seal_key_id text NOT NULL,
    created_at timestamptz NOT NULL,
    removed_at timestamptz,
    stopped_at timestamptz,
    stopped_because text,
    sent_at timestamptz NOT NULL,
    sent_member bigint NOT NULL,
    sent_no bigint NOT NULL,
    CONSTRAINT webhook_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_stopped_check CHECK ((stopped_at IS NULL) = (stopped_because IS NULL))
)
"""
DELIVERY = """
CREATE TABLE IF NOT EXISTS webhook_delivery (
    webhook_id text NOT NULL,
    change_id text NOT NULL,
    type text NOT NULL,
    content text NOT NULL,
    state text NOT NULL CONSTRAINT webhook_delivery_state_check CHECK (state IN ('due', 'delivered', 'dead')),
    attempts int NOT NULL CONSTRAINT webhook_delivery_attempts_check CHECK (attempts >= 0),
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    last_status int,
    last_error text,
    CONSTRAINT webhook_delivery_pkey PRIMARY KEY (webhook_id, change_id)
)
"""
DUE = "CREATE INDEX IF NOT EXISTS webhook_delivery_due_idx ON webhook_delivery (due_at) WHERE state = 'due'"
LATEST = "CREATE INDEX IF NOT EXISTS webhook_delivery_latest_idx ON webhook_delivery (webhook_id, created_at, change_id)"


class Migration(BaseMigration):
    """Adds two tables."""

    dependencies = [("jifen", "m0028_tiers")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(one) for one in (WEBHOOK, DELIVERY, DUE, LATEST)]  # noqa: RUF012  # as Tortoise declares it
