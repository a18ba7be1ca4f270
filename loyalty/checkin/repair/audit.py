"""The audit's checks of mended days and of repair cards."""

from loyalty.engine.auditing import Check
from loyalty.engine.moved import MOVED_METERS

CHECKS = (
    Check(
        "repairs",
        "a mended day is signed in by the same receipt, and was paid for by a card or by its price",
        """
        SELECT r.member_id, format('repair of %s has no day, or entries of %s for a price of %s', r.day, e.paid, r.price_points)
            AS detail
        FROM check_in_repair r
        LEFT JOIN check_in c ON c.member_id = r.member_id AND c.day = r.day AND c.receipt_no = r.receipt_no
        LEFT JOIN (
            SELECT member_id, receipt_no, sum(amount) AS paid FROM entry WHERE reason = 'repair_card'
            GROUP BY member_id, receipt_no
        ) e ON e.member_id = r.member_id AND e.receipt_no = r.receipt_no
        WHERE c.member_id IS NULL OR coalesce(e.paid, 0) <> r.price_points
        """,
        by_member=True,
    ),
    Check(
        "meters",
        "repair cards held are those given less those used",
        f"""
        WITH {MOVED_METERS}
        SELECT member_id, format('repair cards: %s counted, %s given, %s used', m.value, g.given, u.used) AS detail FROM (
            SELECT member_id, value FROM meter WHERE name = 'repair_cards'
        ) m FULL JOIN (
            SELECT member_id, sum((facts->>'given')::bigint) AS given FROM receipt
            WHERE accepted AND code = 'repair_cards_given' GROUP BY member_id
        ) g USING (member_id) FULL JOIN (
            SELECT member_id, count(*) AS used FROM check_in_repair WHERE price_points = 0 GROUP BY member_id
        ) u USING (member_id) FULL JOIN (
            SELECT member_id, value FROM moved WHERE name = 'repair_cards'
        ) v USING (member_id)
        WHERE coalesce(m.value, 0) <> coalesce(g.given, 0) - coalesce(u.used, 0) + coalesce(v.value, 0)
        """,  # noqa: S608  # our own text
        by_member=True,
    ),
    Check(
        "meters",
        "the repairs of all months are counted as they were made",
        f"""
        WITH {MOVED_METERS}
        SELECT member_id, format('repairs: %s counted, %s made', m.counted, r.made) AS detail FROM (
            SELECT member_id, sum(value) AS counted FROM meter WHERE name = 'check_in_repairs' GROUP BY member_id
        ) m FULL JOIN (
            SELECT member_id, count(*) AS made FROM check_in_repair WHERE price_points IS NOT NULL GROUP BY member_id
        ) r USING (member_id) FULL JOIN (
            SELECT member_id, sum(value) AS value FROM moved WHERE name = 'check_in_repairs' GROUP BY member_id
        ) v USING (member_id)
        WHERE coalesce(m.counted, 0) <> coalesce(r.made, 0) + coalesce(v.value, 0)
        """,  # noqa: S608  # our own text
        by_member=True,
    ),
)
