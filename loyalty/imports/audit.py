"""The audit's check of imported points."""

from loyalty.engine.auditing import Check

CHECKS = (
    Check(
        "imports",
        "an imported line has granted the points of its receipt",
        """
        SELECT member_id, format('import %s: receipt of %s points, entries of %s', r.ref, r.points, e.points) AS detail FROM (
            SELECT member_id, no AS receipt_no, ref, (facts->>'points')::bigint AS points FROM receipt
            WHERE accepted AND code = 'balance_imported'
        ) r FULL JOIN (
            SELECT member_id, receipt_no, sum(amount) AS points FROM entry WHERE reason = 'opening_balance'
            GROUP BY member_id, receipt_no
        ) e USING (member_id, receipt_no)
        WHERE coalesce(r.points, 0) <> coalesce(e.points, 0)
        """,
        by_member=True,
    ),
)
