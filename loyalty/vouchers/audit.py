"""The audit's checks of redemptions and their voucher codes."""

from loyalty.engine.auditing import NOW, Check

CHECKS = (
    Check(
        "redemptions",
        "every redemption has its receipt and the other way round, and is cancelled or used where a receipt says so",
        """
        SELECT member_id, format('receipt %s: redemption of %s points, entries say %s', receipt_no, r.points, e.points) AS detail
        FROM (SELECT * FROM redemption WHERE source = 'redeem' AND NOT carried) r FULL JOIN (
            SELECT member_id, receipt_no, sum(amount) AS points FROM entry WHERE reason = 'redeem' GROUP BY member_id, receipt_no
        ) e USING (member_id, receipt_no)
        WHERE r.points IS DISTINCT FROM e.points
        UNION ALL
        SELECT member_id, format('redemption %s is %s, its receipts say otherwise', ref, r.state)
        FROM (
            SELECT member_id, receipt_no || '-' || line AS ref, CASE state WHEN 'moved' THEN 'issued' ELSE state END AS state
            FROM redemption
        ) r FULL JOIN (
            SELECT member_id, ref, CASE scope WHEN 'use' THEN 'used' ELSE 'cancelled' END AS closed FROM receipt
            WHERE scope IN ('cancel', 'use') AND accepted
        ) c USING (member_id, ref)
        WHERE coalesce(r.state, 'missing') <> coalesce(c.closed, 'issued')
        """,
        by_member=True,
    ),
    Check(
        "vouchers",
        "a voucher that moved to another member has arrived",
        """
        WITH gone AS MATERIALIZED (
            SELECT member_id, receipt_no, voucher_code FROM redemption
            WHERE state = 'moved' AND closed_at < $1::timestamptz - interval '1 day'
        ), kept AS MATERIALIZED (SELECT voucher_code FROM redemption WHERE state <> 'moved')
        SELECT g.member_id, format('the voucher of receipt %s has gone nowhere', g.receipt_no) AS detail FROM gone g
        WHERE NOT EXISTS (SELECT FROM kept k WHERE k.voucher_code = g.voucher_code)
        """,
        (NOW,),
    ),
    Check(
        "vouchers",
        "every voucher code stands for one redemption",
        """
        WITH issued AS MATERIALIZED (
            SELECT member_id, receipt_no, line, voucher_code FROM redemption WHERE state <> 'moved'
        ),
        listed AS MATERIALIZED (SELECT code, member_id, receipt_no, line FROM voucher_code)
        SELECT r.member_id, format('voucher of receipt %s is not in the directory', r.receipt_no) AS detail
        FROM issued r LEFT JOIN listed v ON v.code = r.voucher_code
        WHERE (v.member_id, v.receipt_no, v.line) IS DISTINCT FROM (r.member_id, r.receipt_no, r.line)
        UNION ALL
        SELECT v.member_id, 'a voucher code stands for nothing' FROM listed v
        WHERE NOT EXISTS (
            SELECT FROM issued r WHERE r.member_id = v.member_id AND r.receipt_no = v.receipt_no AND r.line = v.line
        )
        """,
    ),
)
