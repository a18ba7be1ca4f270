"""What must hold of cases beyond their rows, which the audit decides again with their receipts."""

from typing import Final

from loyalty.engine.auditing import Check

CHECKS: Final = (
    Check(
        "K03",
        "whoever has an open case is limited or frozen, and every limited account has a case that was not released",
        """
        SELECT a.member_id, format('status %s with a case %s', a.status, coalesce(c.state, 'that is missing')) AS detail
        FROM account a LEFT JOIN (
            SELECT DISTINCT ON (member_id) member_id, state FROM risk_case ORDER BY member_id, receipt_no DESC
        ) c ON c.member_id = a.member_id
        WHERE c.state = 'open' AND a.status NOT IN ('limited', 'frozen') AND NOT EXISTS (
            SELECT FROM follow_up f WHERE f.member_id = a.member_id AND f.command = 'close_case' AND f.done_at IS NULL
        ) OR a.status = 'limited' AND c.state IS DISTINCT FROM 'open' AND c.state IS DISTINCT FROM 'kept'
        """,
        by_member=True,
    ),
)
