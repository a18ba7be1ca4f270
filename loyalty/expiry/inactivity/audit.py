"""The audit's checks of warnings to the inactive and of forfeited points."""

from loyalty.engine.auditing import Check
from loyalty.engine.moved import MOVED_METERS

CHECKS = (
    Check(
        "meters",
        "every warning of a forfeiture is noted with its day",
        f"""
        WITH {MOVED_METERS}
        SELECT member_id, format('warning for the silence since %s: day %s noted, %s by receipt', period, m.value, r.day) AS detail
        FROM (
            SELECT member_id, period, value FROM meter WHERE name = 'inactivity_warned'
        ) m FULL JOIN (
            SELECT member_id, facts->>'silent_since' AS period, (facts->>'warned_on')::date - date '0001-01-01' + 1 AS day
            FROM receipt WHERE accepted AND code = 'inactivity_warned'
        ) r USING (member_id, period) FULL JOIN (
            SELECT member_id, period, value FROM moved WHERE name = 'inactivity_warned'
        ) v USING (member_id, period)
        WHERE coalesce(m.value, 0) <> coalesce(r.day, 0) + coalesce(v.value, 0)
        """,  # noqa: S608  # our own text
        by_member=True,
    ),
    Check(
        "forfeits",
        "points are forfeited once per silence, after its warning",
        """
        SELECT f.member_id, format('receipt %s forfeits points of the silence since %s without a warning', f.no,
            f.facts->>'silent_since') AS detail
        FROM receipt f WHERE f.accepted AND f.code = 'points_forfeited' AND NOT EXISTS (
            SELECT FROM meter m WHERE m.member_id = f.member_id AND m.name = 'inactivity_warned'
                AND m.period = f.facts->>'silent_since'
        )
        """,
        by_member=True,
    ),
)
