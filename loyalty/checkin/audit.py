"""The audit's checks of sign-ins."""

from loyalty.engine.auditing import Check

CHECKS = (
    Check(
        "I17",
        "one sign-in award a business day, and each streak follows from the days",
        """
        SELECT member_id, format('check-in of %s: streak %s', day, streak) AS detail FROM (
            SELECT member_id, day, streak, carried, lag(day) OVER w AS before, lag(streak) OVER w AS streak_before FROM (
                SELECT c.member_id, c.day, c.carried, c.streak + coalesce(sum(r.shift), 0) AS streak
                FROM check_in c LEFT JOIN check_in_repair r
                    ON r.member_id = c.member_id AND r.day < c.day AND r.through >= c.day
                GROUP BY c.member_id, c.day, c.carried, c.streak
            ) s WINDOW w AS (PARTITION BY member_id ORDER BY day)
        ) c
        WHERE NOT carried AND streak <> CASE WHEN before = day - 1 THEN streak_before + 1 ELSE 1 END
        UNION ALL
        SELECT member_id, format('receipt %s: check-in of %s, entries of %s', receipt_no, c.points, e.points)
        FROM (SELECT member_id, receipt_no, points FROM check_in WHERE NOT carried) c FULL JOIN (
            SELECT member_id, receipt_no, sum(amount) AS points FROM entry
            WHERE reason IN ('check_in', 'check_in_bonus', 'check_in_repair') GROUP BY member_id, receipt_no
        ) e USING (member_id, receipt_no)
        WHERE coalesce(c.points, 0) <> coalesce(e.points, 0)
        """,
        by_member=True,
    ),
)
