"""The audit's checks of the warnings before points lapse."""

from loyalty.engine.auditing import Check

CHECKS = (
    Check(
        "meters",
        "every warning given is counted once, and its notice is there",
        """
        SELECT member_id, format('warning %s: counted %s, notice %s', period, m.value, n.key) AS detail FROM (
            SELECT member_id, period, value FROM meter WHERE name = 'expiry_warnings'
        ) m FULL JOIN (
            SELECT member_id, key, split_part(key, '|', 2) || '|' || split_part(key, '|', 1) AS period FROM notice
            WHERE kind = 'expiry'
        ) n USING (member_id, period)
        WHERE m.value IS DISTINCT FROM 1 OR n.key IS NULL
        """,
        by_member=True,
    ),
)
