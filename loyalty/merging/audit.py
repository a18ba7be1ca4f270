"""The audit's checks of merges: what left one member arrived at the other, and who was merged leads to the other."""

from loyalty.engine.auditing import NOW, Check

CHECKS = (
    Check(
        "merges",
        "what left a member in a merge or a split arrived at the other",
        """
        WITH gone AS MATERIALIZED (
            SELECT member_id, no, posted_at, facts->'moved' AS moved, facts->>'growth' AS growth
            FROM receipt WHERE accepted AND code IN ('merged_out', 'split_out')
        ), come AS MATERIALIZED (
            SELECT member_id AS at_id, (facts->>'other_id')::bigint AS member_id, (facts->>'out_no')::bigint AS no,
                facts->'moved' AS moved, facts->>'growth' AS growth
            FROM receipt WHERE accepted AND code IN ('merged_in', 'split_in')
        )
        SELECT coalesce(g.member_id, c.member_id) AS member_id,
            format('receipt %s: %s left, %s arrived at %s', coalesce(g.no, c.no), g.moved, c.moved,
                c.at_id) AS detail
        FROM gone g FULL JOIN come c ON c.member_id = g.member_id AND c.no = g.no
        WHERE (g.moved, g.growth) IS DISTINCT FROM (c.moved, c.growth)
            AND (c.no IS NOT NULL OR g.posted_at < $1::timestamptz - interval '1 day')
        """,
        (NOW,),
    ),
    Check(
        "merges",
        "an account counts the members merged into it, and each of them leads to it",
        """
        SELECT a.member_id, format('%s halves counted, %s stand', a.halves, coalesce(h.standing, 0)) AS detail
        FROM account a LEFT JOIN (
            SELECT member_id, count(*) FILTER (WHERE split_no IS NULL) AS standing FROM merged_half GROUP BY member_id
        ) h ON h.member_id = a.member_id
        WHERE a.halves <> coalesce(h.standing, 0)
        """,
    ),
    Check(
        "merges",
        "every half came with the receipt of a merge, and every merge left one",
        """
        SELECT h.member_id, format('half %s came via %s with receipt %s, no such merge', h.other_id, h.via_id, h.receipt_no)
            AS detail
        FROM merged_half h LEFT JOIN receipt r
            ON r.member_id = h.member_id AND r.no = h.receipt_no AND r.accepted AND r.code = 'merged_in'
        WHERE (r.facts->>'other_id')::bigint IS DISTINCT FROM h.via_id
        UNION ALL
        SELECT r.member_id, format('receipt %s left no half', r.no) FROM receipt r LEFT JOIN merged_half h
            ON h.member_id = r.member_id AND h.receipt_no = r.no AND h.other_id = (r.facts->>'other_id')::bigint
        WHERE r.accepted AND r.code = 'merged_in' AND h.member_id IS NULL
        """,
    ),
    Check(
        "merges",
        "nothing leads to a member who was merged into another",
        """
        WITH merged AS MATERIALIZED (
            SELECT a.member_id, a.merged_into FROM account a WHERE a.status = 'merged'
        ), standing AS MATERIALIZED (
            SELECT member_id, other_id FROM merged_half WHERE via_id = other_id AND split_no IS NULL
        ), by_identity AS MATERIALIZED (
            SELECT DISTINCT member_id FROM identity
        ), by_code AS MATERIALIZED (
            SELECT DISTINCT member_id FROM referral_code
        ), by_session AS MATERIALIZED (
            SELECT DISTINCT member_id FROM session
        ), led AS MATERIALIZED (
            SELECT member_id, 'an identity' AS what FROM by_identity UNION ALL
            SELECT member_id, 'a referral code' FROM by_code UNION ALL
            SELECT member_id, 'a session' FROM by_session
        )
        SELECT m.member_id, format('%s leads to a member merged into %s', l.what, m.merged_into) AS detail
        FROM merged m JOIN standing s ON (s.member_id, s.other_id) = (m.merged_into, m.member_id)
        JOIN led l ON l.member_id = m.member_id
        """,
    ),
)
