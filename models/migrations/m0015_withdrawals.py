"""Withdrawn consents, one row per event, and whether a nickname passed the checks for being shown to others.

Each operation may be run again: Tortoise records a migration after the transaction that made it, and a kill between the two
leaves a migration that is made and not recorded. Nicknames of before are unchecked, so the next poster has them checked.
"""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

CHECKED = "ALTER TABLE member ADD COLUMN IF NOT EXISTS nickname_checked boolean NOT NULL DEFAULT false"
WITHDRAWAL = """
CREATE TABLE IF NOT EXISTS consent_withdrawal (
    member_id bigint NOT NULL,
    message_key text COLLATE "C" NOT NULL,
    event text COLLATE "C" NOT NULL,
    scope text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT consent_withdrawal_pkey PRIMARY KEY (member_id, message_key)
)
"""


class Migration(BaseMigration):
    """Adds a column and a table."""

    dependencies = [("jifen", "m0014_used_vouchers")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(CHECKED), RunSQL(WITHDRAWAL)]  # noqa: RUF012  # as Tortoise declares it
