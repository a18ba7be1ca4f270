"""Whether the database has the constraints and indexes that guard the points; a server without them must not serve."""

import asyncpg


class SchemaIncomplete(Exception):
    """The database lacks checks or keys that guard the points: nobody may serve on it."""


EXPECTED_CHECKS = frozenset({
    "account_sums_check", "account_equation_check", "account_debt_check", "account_chain_check", "account_status_check",
    "lot_sums_check", "lot_equation_check", "lot_span_check", "entry_amount_check", "entry_buckets_check",
    "lot_use_amount_check", "lot_use_kind_check", "notice_state_check", "stock_taken_check", "wheel_round_commitment_check",
    "check_in_streak_check", "draw_nonce_check", "draw_roll_check", "redemption_quantity_check", "redemption_source_check",
    "redemption_state_check", "referral_self_check", "late_reply_state_check", "member_nickname_check",
    "consent_granted_check",
})  # fmt: skip

EXPECTED_UNIQUE = frozenset({
    "account_pkey", "lot_pkey", "receipt_pkey", "receipt_request_key", "receipt_fact_key", "entry_pkey", "lot_use_pkey",
    "follow_up_pkey", "notice_pkey", "check_in_pkey", "draw_pkey", "redemption_pkey", "voucher_code_pkey", "referral_pkey",
    "identity_pkey", "member_pkey", "referral_code_pkey", "session_pkey", "contact_pkey", "consent_pkey", "rule_version_pkey",
    "stock_pkey", "wheel_round_pkey", "wheel_round_open_key", "late_reply_pkey",
})  # fmt: skip


async def schema_problems(pool: asyncpg.Pool) -> list[str]:
    """What the catalogue lacks of the expected checks and unique keys, each by name; empty when all is there."""
    checks = await pool.fetch(
        "SELECT conname FROM pg_constraint"
        " WHERE contype = 'c' AND convalidated AND connamespace = 'public'::regnamespace"
    )
    unique = await pool.fetch(
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indisunique AND i.indisvalid AND c.relnamespace = 'public'::regnamespace"
    )
    missing = EXPECTED_CHECKS - {row["conname"] for row in checks}
    missing |= EXPECTED_UNIQUE - {row["relname"] for row in unique}
    return sorted(missing)
