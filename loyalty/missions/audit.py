"""The audit's checks of missions and of the tickets that they bring."""

from typing import Final

from loyalty.engine.auditing import Check

CHECKS: Final = (
    Check(
        "missions",
        "a mission is paid once per period, as its row says",
        """
        SELECT member_id, format('receipt %s: missions of %s points and %s bonus, entries of %s and %s', receipt_no, d.points,
            d.bonus, e.points, e.bonus) AS detail
        FROM (
            SELECT member_id, receipt_no, sum(points) - sum(bonus) AS points, sum(bonus) AS bonus FROM mission_done
            WHERE NOT carried GROUP BY member_id, receipt_no
        ) d FULL JOIN (
            SELECT member_id, receipt_no, coalesce(sum(amount) FILTER (WHERE reason = 'mission'), 0) AS points,
                coalesce(sum(amount) FILTER (WHERE reason = 'mission_bonus'), 0) AS bonus
            FROM entry WHERE reason IN ('mission', 'mission_bonus') GROUP BY member_id, receipt_no
        ) e USING (member_id, receipt_no)
        WHERE (coalesce(d.points, 0), coalesce(d.bonus, 0)) <> (coalesce(e.points, 0), coalesce(e.bonus, 0))
        UNION ALL
        SELECT member_id, format('mission %s is finished for %s without a receipt', mission, period)
        FROM mission_done d WHERE NOT carried AND NOT EXISTS (
            SELECT FROM receipt r WHERE r.member_id = d.member_id AND r.no = d.receipt_no AND r.code = 'missions_advanced'
        )
        """,
        by_member=True,
    ),
)
