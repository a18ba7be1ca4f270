"""The audit's checks of packs."""

from loyalty.engine.auditing import Check
from loyalty.engine.moved import MOVED_METERS

CHECKS = (
    Check(
        "meters",
        "what packs may still bring is what was taken less what they brought",
        f"""
        WITH {MOVED_METERS}
        SELECT member_id, format('%s: %s left, %s taken, %s used', name, m.value, t.points, a.points) AS detail FROM (
            SELECT member_id, name, sum(value) AS value FROM meter WHERE name LIKE 'pack:%' GROUP BY member_id, name
        ) m FULL JOIN (
            SELECT member_id, 'pack:' || (facts->>'pack') AS name, sum((facts->>'points')::bigint) AS points FROM receipt
            WHERE accepted AND code = 'pack_taken' GROUP BY member_id, facts->>'pack'
        ) t USING (member_id, name) FULL JOIN (
            SELECT member_id, rule AS name, sum(points) AS points FROM award WHERE rule LIKE 'pack:%' GROUP BY member_id, rule
        ) a USING (member_id, name) FULL JOIN (
            SELECT member_id, name, sum(value) AS value FROM moved WHERE name LIKE 'pack:%' GROUP BY member_id, name
        ) v USING (member_id, name)
        WHERE coalesce(m.value, 0) <> coalesce(t.points, 0) - coalesce(a.points, 0) + coalesce(v.value, 0)
        """,  # noqa: S608  # our own text
        by_member=True,
    ),
)
