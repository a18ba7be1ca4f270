"""Keys of the partner API, and members' phone numbers with their directory."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

PARTNER_KEY = """
CREATE TABLE IF NOT EXISTS partner_key (
    id text NOT NULL,
    name text NOT NULL,
    scopes text NOT NULL,
    store text,
    per_minute integer NOT NULL,
    secret_hash bytea NOT NULL,
    previous_hash bytea,
    previous_until timestamptz,
    created_at timestamptz NOT NULL,
    rotated_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT partner_key_pkey PRIMARY KEY (id),
    CONSTRAINT partner_key_rate_check CHECK (per_minute >= 1),
    CONSTRAINT partner_key_hash_check CHECK (
        octet_length(secret_hash) = 32 AND (previous_hash IS NULL) = (previous_until IS NULL)
    )
)
"""
PHONE = """
CREATE TABLE IF NOT EXISTS phone (
    member_id bigint NOT NULL,
    phone_hash bytea NOT NULL,
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    bound_at timestamptz NOT NULL,
    CONSTRAINT phone_pkey PRIMARY KEY (member_id),
    CONSTRAINT phone_hash_check CHECK (octet_length(phone_hash) = 32)
)
"""
PHONE_KEY = """
CREATE TABLE IF NOT EXISTS phone_key (
    phone_hash bytea NOT NULL,
    member_id bigint NOT NULL,
    CONSTRAINT phone_key_pkey PRIMARY KEY (phone_hash)
)
"""


class Migration(BaseMigration):
    """Adds three tables."""

    dependencies = [("jifen", "m0021_notice_of_rules")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(one) for one in (PARTNER_KEY, PHONE, PHONE_KEY)]  # noqa: RUF012  # as Tortoise declares it
