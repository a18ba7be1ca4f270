"""What must hold of referrals."""

from loyalty.engine.feature import Check

CHECKS = (
    Check(
        "I20",
        "one inviter at most, who joined before, and one reward for a qualified friend",
        """
        SELECT member_id, format('invited by %s', inviter_id) AS detail FROM referral WHERE inviter_id >= member_id
        UNION ALL
        SELECT r.member_id, format('receipt %s rewards %s, who is no qualified friend', r.no, r.ref) FROM receipt r
        LEFT JOIN referral f ON f.member_id = CASE WHEN r.ref ~ '^[0-9]{1,18}:inviter$' THEN split_part(r.ref, ':', 1)::bigint END
            AND f.qualified_at IS NOT NULL
        LEFT JOIN member i ON i.member_id = f.inviter_id LEFT JOIN account a ON a.member_id = f.inviter_id
        WHERE r.scope = 'referral' AND r.accepted
          AND r.member_id IS DISTINCT FROM CASE WHEN a.member_id IS NULL THEN i.merge_with ELSE f.inviter_id END
        """,
    ),
    Check(
        "meters",
        "friends rewarded are counted as the receipts say",
        """
        SELECT member_id, format('friends rewarded: %s counted, %s receipts', m.value, r.rewarded) AS detail FROM (
            SELECT member_id, value FROM meter WHERE name = 'friends_rewarded'
        ) m FULL JOIN (
            SELECT member_id, count(*) AS rewarded FROM receipt WHERE scope = 'referral' AND accepted GROUP BY member_id
        ) r USING (member_id)
        WHERE coalesce(m.value, 0) <> coalesce(r.rewarded, 0)
        """,
    ),
)
