"""The audit's checks of referrals."""

from loyalty.engine.feature import Check

CHECKS = (
    Check(
        "I20",
        "one inviter at most, who joined before",
        "SELECT member_id, format('invited by %s', inviter_id) AS detail FROM referral WHERE inviter_id >= member_id",
    ),
    Check(
        "I20",
        "a reward is for a qualified friend of the member or of the account it was merged with",
        """
        WITH rewarded AS MATERIALIZED (
            SELECT member_id, no, ref,
                CASE WHEN ref ~ '^[0-9]{1,18}:inviter$' THEN split_part(ref, ':', 1)::bigint END AS friend
            FROM receipt WHERE scope = 'referral' AND accepted
        ), qualified AS MATERIALIZED (
            SELECT member_id, inviter_id FROM referral WHERE qualified_at IS NOT NULL
        ), inviters AS MATERIALIZED (
            SELECT i.member_id, i.merge_with, a.member_id IS NOT NULL AS has_account
            FROM member i LEFT JOIN account a ON a.member_id = i.member_id
        )
        SELECT r.member_id, format('receipt %s rewards %s, who is no qualified friend', r.no, r.ref) AS detail FROM rewarded r
        LEFT JOIN qualified f ON f.member_id = r.friend LEFT JOIN inviters i ON i.member_id = f.inviter_id
        WHERE r.member_id IS DISTINCT FROM CASE WHEN i.has_account IS TRUE THEN f.inviter_id ELSE i.merge_with END
        """,
    ),
    Check(
        "meters",
        "friends rewarded are counted as the receipts say",
        """
        SELECT member_id, format('friends rewarded: %s counted, %s receipts', m.value, r.rewarded) AS detail FROM (
            SELECT member_id, period, value FROM meter WHERE name = 'friends_rewarded'
        ) m FULL JOIN (
            SELECT member_id, '' AS period, count(*) AS rewarded FROM receipt WHERE scope = 'referral' AND accepted
            GROUP BY member_id
        ) r USING (member_id, period)
        WHERE coalesce(m.value, 0) <> coalesce(r.rewarded, 0)
        """,
    ),
)
