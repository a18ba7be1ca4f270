"""The audit's check of votes."""

from typing import Final

from loyalty.engine.auditing import Check

CHECKS: Final = (
    Check(
        "polls",
        "a member votes once in a poll, and each vote is paid as its row says",
        """
        SELECT member_id, format('receipt %s: a vote of %s points, entries of %s', receipt_no, v.points, e.points) AS detail
        FROM (SELECT member_id, receipt_no, points FROM poll_vote WHERE NOT carried) v FULL JOIN (
            SELECT member_id, receipt_no, sum(amount) AS points FROM entry WHERE reason = 'poll' GROUP BY member_id, receipt_no
        ) e USING (member_id, receipt_no)
        WHERE coalesce(v.points, 0) <> coalesce(e.points, 0)
        UNION ALL
        SELECT r.member_id, format('receipt %s (voted) and its vote disagree', r.no) FROM receipt r
        LEFT JOIN poll_vote v ON v.member_id = r.member_id AND v.receipt_no = r.no AND NOT v.carried
        WHERE r.accepted AND r.code = 'voted'
            AND (v.poll IS DISTINCT FROM r.facts->>'poll' OR v.option IS DISTINCT FROM r.facts->>'option')
        """,
        by_member=True,
    ),
)
