"""Merging: two members who are one person become one, by a pair of commands.

An account says into whom it was merged, and how many members were merged into it. `merged_half` has who they were, and
`identity.owner_id` to whom an identity belonged before. Signed days and vouchers that came from another member are marked as such.

Members whose account was deleted when they were found to be another member get a merged account again, so that there is one way in
which a member leads to another. Their `merge_with` is emptied: it now names a member with whom a merge is still to come.
"""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

ACCOUNT = """
ALTER TABLE account ADD COLUMN IF NOT EXISTS merged_into bigint, ADD COLUMN IF NOT EXISTS halves bigint NOT NULL DEFAULT 0
"""
ACCOUNT_STATUS = """
ALTER TABLE account DROP CONSTRAINT IF EXISTS account_status_check, DROP CONSTRAINT IF EXISTS account_merged_check,
    ADD CONSTRAINT account_status_check CHECK (status IN ('open', 'limited', 'frozen', 'closed', 'merged')),
    ADD CONSTRAINT account_merged_check
    CHECK ((status = 'merged') = (merged_into IS NOT NULL) AND merged_into <> member_id AND halves >= 0)
"""
# With the kinds that later migrations add, so that making it again after those takes none away.
LOT_USE = """
ALTER TABLE lot_use DROP CONSTRAINT IF EXISTS lot_use_kind_check,
    ADD CONSTRAINT lot_use_kind_check
    CHECK (kind IN (
        'granted', 'spent', 'restored', 'expired', 'unexpired', 'offset_debt', 'moved_in', 'moved_out', 'opened_in', 'opened_out',
        'reversed', 'held', 'captured', 'released', 'extended_in', 'extended_out', 'forfeited'
    ))
"""
"""With the kinds that later migrations add, so that this one narrows nothing when it runs again."""
CHECK_IN = "ALTER TABLE check_in ADD COLUMN IF NOT EXISTS carried boolean NOT NULL DEFAULT false"
REPAIR = "ALTER TABLE check_in_repair ALTER COLUMN price_points DROP NOT NULL"
IDENTITY = "ALTER TABLE identity ADD COLUMN IF NOT EXISTS owner_id bigint"
HALF = """
CREATE TABLE IF NOT EXISTS merged_half (
    member_id bigint NOT NULL,
    other_id bigint NOT NULL,
    receipt_no bigint NOT NULL,
    via_id bigint NOT NULL,
    split_no bigint,
    CONSTRAINT merged_half_pkey PRIMARY KEY (member_id, other_id, receipt_no),
    CONSTRAINT merged_half_order_check CHECK (member_id < other_id AND split_no > receipt_no)
)
"""
OLD_MERGES = """
INSERT INTO account (member_id, chain, posted_at, last_seen_on, status, merged_into)
SELECT m.member_id, sha256(convert_to('jifen:' || m.member_id, 'UTF8')), m.joined_at, m.last_seen_floor, 'merged', m.merge_with
FROM member m WHERE m.merge_with IS NOT NULL AND NOT EXISTS (SELECT FROM account a WHERE a.member_id = m.member_id)
"""
EMPTIED = """
UPDATE member SET merge_with = NULL WHERE merge_with IS NOT NULL AND member_id IN (
    SELECT member_id FROM account WHERE status = 'merged'
)
"""
TO_MERGE = "CREATE INDEX IF NOT EXISTS member_to_merge_idx ON member (member_id) WHERE merge_with IS NOT NULL"


class Migration(BaseMigration):
    """Adds columns and a table; reads `member` once."""

    dependencies = [("jifen", "m0015_withdrawals")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [  # noqa: RUF012  # as Tortoise declares it
        RunSQL(statement)
        for statement in (
            ACCOUNT, ACCOUNT_STATUS, LOT_USE, CHECK_IN, REPAIR, IDENTITY, HALF, OLD_MERGES, EMPTIED, TO_MERGE,
        )
    ]  # fmt: skip
