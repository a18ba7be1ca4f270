"""The invariants that one SQL statement can check; each selects violations as (member_id or null, detail)."""

from typing import NamedTuple


class Check(NamedTuple):
    """An invariant, the sentence that states it, and the statement that selects what breaks it ($1: now)."""

    invariant: str
    states: str
    select: str


CHECKS = (
    Check(
        "I1",
        "what remains in a member's lots is what the account holds",
        """
        SELECT a.member_id, format('account %s/%s/%s, lots %s/%s/%s (available/pending/held)', a.available, a.pending, a.held,
            coalesce(l.available, 0), coalesce(l.pending, 0), coalesce(l.held, 0)) AS detail
        FROM account a LEFT JOIN (
            SELECT member_id, sum(remaining) FILTER (WHERE opened) AS available,
                   sum(remaining) FILTER (WHERE NOT opened) AS pending, sum(held) AS held
            FROM lot GROUP BY member_id
        ) l USING (member_id)
        WHERE (a.available, a.pending, a.held)
            IS DISTINCT FROM (coalesce(l.available, 0), coalesce(l.pending, 0), coalesce(l.held, 0))
        """,
    ),
    Check(
        "I2",
        "the account equation holds and no quantity is negative",
        """
        SELECT member_id, 'account equation broken' AS detail FROM account
        WHERE available + pending + held - debt <> issued - spent - expired - reversed - forfeited + adjusted
           OR least(available, pending, held, debt) < 0 OR (debt > 0 AND available > 0)
        """,
    ),
    Check(
        "I3",
        "the lot equation holds and agrees with the lot uses",
        """
        SELECT l.member_id, format('lot %s disagrees with its uses', l.expires_on) AS detail
        FROM lot l LEFT JOIN (
            SELECT member_id, expires_on, opens_on, terms,
                   coalesce(sum(amount) FILTER (WHERE kind = 'granted'), 0) AS granted,
                   coalesce(sum(amount) FILTER (WHERE kind = 'spent'), 0)
                       - coalesce(sum(amount) FILTER (WHERE kind = 'restored'), 0) AS spent,
                   coalesce(sum(amount) FILTER (WHERE kind = 'expired'), 0) AS expired,
                   coalesce(sum(amount) FILTER (WHERE kind = 'offset_debt'), 0) AS offset_debt
            FROM lot_use GROUP BY member_id, expires_on, opens_on, terms
        ) u USING (member_id, expires_on, opens_on, terms)
        WHERE l.granted <> l.remaining + l.held + l.spent + l.expired + l.reversed + l.offset_debt + l.forfeited
           OR (l.granted, l.spent, l.expired, l.offset_debt)
              IS DISTINCT FROM (u.granted::bigint, u.spent::bigint, u.expired::bigint, u.offset_debt::bigint)
        """,
    ),
    Check(
        "I6",
        "receipts are numbered without gap up to the account's version; an accepted one has entries or is of a kind that moves"
        " none; every entry has an accepted one",
        """
        SELECT r.member_id, format('receipt %s (%s) has no entries', r.no, r.code) AS detail FROM receipt r
        WHERE r.accepted AND r.code NOT IN ('referral_bound', 'referral_qualified', 'referral_rewarded', 'expiry_warned',
              'woken_up', 'drawn')
          AND NOT EXISTS (SELECT FROM entry e WHERE e.member_id = r.member_id AND e.receipt_no = r.no)
        UNION ALL
        SELECT e.member_id, format('entry %s has no accepted receipt', e.seq) FROM entry e
        WHERE NOT EXISTS (
            SELECT FROM receipt r WHERE r.member_id = e.member_id AND r.no = e.receipt_no AND r.accepted
        )
        UNION ALL
        SELECT member_id, format('version %s, but %s receipts up to %s', version, count(r.no), max(r.no))
        FROM account a LEFT JOIN receipt r USING (member_id)
        GROUP BY member_id, version HAVING count(r.no) <> version OR coalesce(max(r.no), 0) <> version
        """,
    ),
    Check(
        "I15",
        "every receipt names a rule version that was in force",
        """
        SELECT r.member_id, format('receipt %s names rule version %s', r.no, r.rule_version) AS detail
        FROM receipt r LEFT JOIN rule_version v ON v.id = r.rule_version
        WHERE v.id IS NULL OR (v.effective_from > r.effective_at AND EXISTS (
            SELECT FROM rule_version o WHERE o.effective_from <= r.effective_at
        ))
        """,
    ),
    Check(
        "I17",
        "one sign-in award a business day, and each streak follows from the days",
        """
        SELECT member_id, format('check-in of %s: streak %s', day, streak) AS detail FROM (
            SELECT member_id, day, streak, lag(day) OVER w AS before, lag(streak) OVER w AS streak_before
            FROM check_in WINDOW w AS (PARTITION BY member_id ORDER BY day)
        ) c
        WHERE streak <> CASE WHEN before = day - 1 THEN streak_before + 1 ELSE 1 END
        UNION ALL
        SELECT member_id, format('receipt %s: check-in of %s, entries of %s', receipt_no, c.points, e.points)
        FROM check_in c FULL JOIN (
            SELECT member_id, receipt_no, sum(amount) AS points FROM entry
            WHERE reason IN ('check_in', 'check_in_bonus') GROUP BY member_id, receipt_no
        ) e USING (member_id, receipt_no)
        WHERE c.points IS DISTINCT FROM e.points
        """,
    ),
    Check(
        "I18",
        "a member's draws of a round are numbered 1..n, made by its table while it was open, each charged and paid out once",
        """
        SELECT member_id, format('round %s: draws %s..%s, %s of them', round_id, min(nonce), max(nonce), count(*)) AS detail
        FROM draw GROUP BY member_id, round_id HAVING min(nonce) <> 1 OR max(nonce) <> count(*)
        UNION ALL
        SELECT member_id, format('receipt %s: draws cost %s and won %s, entries say %s and %s', receipt_no, d.cost, d.won,
            e.charged, e.granted)
        FROM (
            SELECT member_id, receipt_no, sum(cost_points) AS cost, sum(points) AS won FROM draw GROUP BY member_id, receipt_no
        ) d FULL JOIN (
            SELECT member_id, receipt_no, coalesce(sum(amount) FILTER (WHERE reason = 'draw'), 0) AS charged,
                   coalesce(sum(amount) FILTER (WHERE reason = 'prize'), 0) AS granted
            FROM entry WHERE reason IN ('draw', 'prize') GROUP BY member_id, receipt_no
        ) e USING (member_id, receipt_no)
        WHERE (coalesce(d.cost, 0), coalesce(d.won, 0)) <> (coalesce(e.charged, 0), coalesce(e.granted, 0))
        UNION ALL
        SELECT d.member_id, format('draw %s-%s is of table %s, its round of %s', d.round_id, d.nonce, d.odds_version,
            w.odds_version)
        FROM draw d JOIN wheel_round w ON w.id = d.round_id
        WHERE (d.wheel, d.odds_version) <> (w.wheel, w.odds_version)
        UNION ALL
        SELECT d.member_id, format('draw %s-%s was made while its round was not open', d.round_id, d.nonce)
        FROM draw d JOIN wheel_round w ON w.id = d.round_id
        WHERE d.drawn_at < w.opened_at - interval '1 minute' OR d.drawn_at > w.closed_at + interval '1 minute'
        UNION ALL
        SELECT r.member_id, format('receipt %s (drawn) has no draws', r.no) FROM receipt r
        LEFT JOIN draw d ON d.member_id = r.member_id AND d.receipt_no = r.no
        WHERE r.accepted AND r.code = 'drawn' AND d.member_id IS NULL
        """,
    ),
    Check(
        "I19",
        "taken stock is what members took, and never more than there was",
        """
        SELECT NULL::bigint AS member_id, format('%s: taken %s, rows say %s', item, taken, by_rows) AS detail
        FROM stock FULL JOIN (
            SELECT item, sum(pieces) AS by_rows FROM (
                SELECT 'prize:' || wheel || ':' || prize AS item, count(*) AS pieces FROM draw
                WHERE took_stock GROUP BY wheel, prize
                UNION ALL
                SELECT item, sum(quantity) FROM redemption WHERE took_stock AND state <> 'cancelled' GROUP BY item
            ) p GROUP BY item
        ) t USING (item)
        WHERE coalesce(taken, 0) <> coalesce(by_rows, 0) OR taken > stocked
        """,
    ),
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
        "I21",
        "every notice and every follow-up is done, explained, or young",
        """
        SELECT member_id, format('notice %s %s has been %s since %s', kind, key, state, due_at) AS detail FROM notice
        WHERE state IN ('due', 'sending', 'waiting') AND due_at < $1::timestamptz - interval '1 day'
        UNION ALL
        SELECT member_id, format('notice %s %s is %s without a reason', kind, key, state) FROM notice
        WHERE state IN ('waiting', 'suppressed', 'unknown', 'failed') AND reason IS NULL
        UNION ALL
        SELECT f.member_id, format('follow-up %s is left since %s: %s', request_key, effective_at, last_error)
        FROM follow_up f LEFT JOIN account a ON a.member_id = f.member_id
        WHERE done_at IS NULL AND effective_at < $1::timestamptz - interval '1 day'
          AND (a.status = 'frozen' AND last_error = 'account_closed') IS NOT TRUE
        UNION ALL
        SELECT member_id, format('follow-up %s was given up after %s attempts: %s', request_key, attempts, last_error)
        FROM follow_up WHERE done_at IS NOT NULL AND last_error NOT IN ('account_closed', 'self_referral')
        """,
    ),
    Check(
        "redemptions",
        "every redemption has its receipt and the other way round, and is cancelled where a receipt says so",
        """
        SELECT member_id, format('receipt %s: redemption of %s points, entries say %s', receipt_no, r.points, e.points) AS detail
        FROM (SELECT * FROM redemption WHERE source = 'redeem') r FULL JOIN (
            SELECT member_id, receipt_no, sum(amount) AS points FROM entry WHERE reason = 'redeem' GROUP BY member_id, receipt_no
        ) e USING (member_id, receipt_no)
        WHERE r.points IS DISTINCT FROM e.points
        UNION ALL
        SELECT member_id, format('redemption %s is %s, its receipts say otherwise', ref, r.state)
        FROM (SELECT member_id, state, receipt_no || '-' || line AS ref FROM redemption) r FULL JOIN (
            SELECT member_id, ref, no AS cancels FROM receipt WHERE scope = 'cancel' AND accepted
        ) c USING (member_id, ref)
        WHERE (r.state IS NOT DISTINCT FROM 'cancelled') <> (c.cancels IS NOT NULL)
        """,
    ),
    Check(
        "vouchers",
        "every voucher code stands for one redemption",
        """
        SELECT r.member_id, format('voucher of receipt %s is not in the directory', r.receipt_no) AS detail
        FROM redemption r LEFT JOIN voucher_code v ON v.code = r.voucher_code
        WHERE (v.member_id, v.receipt_no, v.line) IS DISTINCT FROM (r.member_id, r.receipt_no, r.line)
        UNION ALL
        SELECT v.member_id, 'a voucher code stands for nothing' FROM voucher_code v
        WHERE NOT EXISTS (
            SELECT FROM redemption r WHERE r.member_id = v.member_id AND r.receipt_no = v.receipt_no AND r.line = v.line
        )
        """,
    ),
)
