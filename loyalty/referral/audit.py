"""The audit's checks of referrals."""

from loyalty.engine.auditing import Check
from loyalty.engine.moved import MOVED_METERS

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
            SELECT member_id, merged_into FROM account WHERE merged_into IS NOT NULL
        ), merges AS MATERIALIZED (
            SELECT member_id, other_id, receipt_no FROM merged_half
        )
        SELECT r.member_id, format('receipt %s rewards %s, who is no qualified friend', r.no, r.ref) AS detail FROM rewarded r
        LEFT JOIN qualified f ON f.member_id = r.friend LEFT JOIN inviters i ON i.member_id = f.inviter_id
        WHERE r.member_id IS DISTINCT FROM f.inviter_id AND r.member_id IS DISTINCT FROM i.merged_into AND NOT EXISTS (
            SELECT FROM merges m WHERE m.member_id = r.member_id AND m.other_id = f.inviter_id AND m.receipt_no < r.no
        )
        """,
    ),
    Check(
        "meters",
        "friends rewarded are counted as the receipts say",
        f"""
        WITH {MOVED_METERS}
        SELECT member_id, format('friends rewarded: %s counted, %s receipts', m.value, r.rewarded) AS detail FROM (
            SELECT member_id, period, value FROM meter WHERE name = 'friends_rewarded'
        ) m FULL JOIN (
            SELECT member_id, '' AS period, count(*) AS rewarded FROM receipt WHERE scope = 'referral' AND accepted
            GROUP BY member_id
        ) r USING (member_id, period) FULL JOIN (
            SELECT member_id, period, value FROM moved WHERE name = 'friends_rewarded'
        ) v USING (member_id, period)
        WHERE coalesce(m.value, 0) <> coalesce(r.rewarded, 0) + coalesce(v.value, 0)
        """,  # noqa: S608  # our own text
        by_member=True,
    ),
)
