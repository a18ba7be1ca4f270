"""The audit's checks of extensions."""

from loyalty.engine.auditing import Check
from loyalty.engine.moved import MOVED_METERS

CHECKS = (
    Check(
        "I3",
        "an extension puts as many points into the later lot as it takes out of others, and as many as its receipt says",
        """
        SELECT r.member_id, format('extension %s: %s points, %s left, %s arrived', r.no, r.facts->>'points', u.gone, u.come)
            AS detail
        FROM receipt r LEFT JOIN (
            SELECT member_id, receipt_no, sum(amount) FILTER (WHERE kind = 'extended_out') AS gone,
                sum(amount) FILTER (WHERE kind = 'extended_in') AS come
            FROM lot_use WHERE kind IN ('extended_out', 'extended_in') GROUP BY member_id, receipt_no
        ) u ON u.member_id = r.member_id AND u.receipt_no = r.no
        WHERE r.accepted AND r.code = 'points_extended'
          AND (u.gone, u.come) IS DISTINCT FROM ((r.facts->>'points')::numeric, (r.facts->>'points')::numeric)
        """,
        by_member=True,
    ),
    Check(
        "meters",
        "every lapse day was extended as often as its meter says",
        f"""
        WITH {MOVED_METERS}
        SELECT member_id, format('extensions of %s: %s counted, %s made', period, m.value, r.made) AS detail FROM (
            SELECT member_id, period, value FROM meter WHERE name = 'extensions'
        ) m FULL JOIN (
            SELECT member_id, facts->>'expires_on' AS period, count(*) AS made FROM receipt
            WHERE accepted AND code = 'points_extended' GROUP BY member_id, facts->>'expires_on'
        ) r USING (member_id, period) FULL JOIN (
            SELECT member_id, period, value FROM moved WHERE name = 'extensions'
        ) v USING (member_id, period)
        WHERE coalesce(m.value, 0) <> coalesce(r.made, 0) + coalesce(v.value, 0)
        """,  # noqa: S608  # our own text
        by_member=True,
    ),
)
