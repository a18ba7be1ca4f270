"""The audit's checks of the tiers' history."""

from loyalty.engine.auditing import Check

CHECKS = (
    Check(
        "tiers",
        "a member's tiers follow each other without a gap or an overlap, and the last one is open",
        """
        SELECT member_id, format('tier of receipt %s ends %s, the next begins %s', receipt_no, until, next_since) AS detail FROM (
            SELECT member_id, receipt_no, until, lead(since) OVER in_turn AS next_since FROM tier_span
            WINDOW in_turn AS (PARTITION BY member_id ORDER BY receipt_no)
        ) s WHERE until IS DISTINCT FROM next_since
        """,
        by_member=True,
    ),
    Check(
        "tiers",
        "each tier comes from the one before it",
        """
        SELECT member_id, format('tier of receipt %s comes from %s, it was %s', receipt_no, came_from, earlier) AS detail FROM (
            SELECT member_id, receipt_no, came_from, lag(tier) OVER in_turn AS earlier FROM tier_span
            WINDOW in_turn AS (PARTITION BY member_id ORDER BY receipt_no)
        ) s WHERE earlier IS NOT NULL AND came_from <> earlier
        """,
        by_member=True,
    ),
)
