"""The audit's checks of events, orders and refunds."""

from loyalty.engine.auditing import Check

CHECKS = (
    Check(
        "I12",
        "an order was refunded as much as its refunds say, and nothing is left of what a full refund took back",
        """
        WITH refunds AS MATERIALIZED (
            SELECT member_id, order_store AS store, order_no, order_receipt_no AS receipt_no, sum(amount_fen) AS amount
            FROM order_refund WHERE state = 'applied' GROUP BY member_id, order_store, order_no, order_receipt_no
        )
        SELECT coalesce(p.member_id, r.member_id) AS member_id,
            format('order %s of store %s: refunded %s, refunds say %s and %s before it came here',
                coalesce(p.order_no, r.order_no), coalesce(p.store, r.store), p.refunded_fen, coalesce(r.amount, 0),
                p.refunded_before) AS detail
        FROM purchase p FULL JOIN refunds r
            ON (r.member_id, r.store, r.order_no, r.receipt_no) = (p.member_id, p.store, p.order_no, p.receipt_no)
        WHERE p.refunded_fen IS DISTINCT FROM p.refunded_before + coalesce(r.amount, 0)
        UNION ALL
        SELECT member_id, format('order %s is refunded in full and keeps %s points', order_no, granted - reversed)
        FROM purchase WHERE refunded_fen = amount_fen AND amount_fen > 0 AND reversed <> granted
        """,
        by_member=True,
    ),
    Check(
        "I12",
        "no refund waits for an order that its member has and that is not refunded in full",
        """
        SELECT r.member_id, format('refund %s of receipt %s waits for order %s, which is there', r.event, r.receipt_no, p.order_no)
            AS detail
        FROM order_refund r JOIN purchase p ON p.member_id = r.member_id AND r.refund_of IN (p.order_no, p.event)
        WHERE r.state = 'waiting' AND p.moved_at IS NULL AND p.refunded_fen < p.amount_fen
            AND (r.store = '' OR p.store IN ('', r.store))
        """,
        by_member=True,
    ),
    Check(
        "I16",
        "what an event awarded is what its rules awarded",
        """
        SELECT member_id, format('receipt %s: event of %s points, rules awarded %s', receipt_no, e.points, a.points) AS detail
        FROM event e JOIN (
            SELECT member_id, receipt_no, max(points) AS points FROM award GROUP BY member_id, receipt_no
        ) a USING (member_id, receipt_no)
        WHERE a.points > e.points
        """,
        by_member=True,
    ),
    Check(
        "directories",
        "the id of an event leads to the member and receipt that have it",
        """
        WITH keys AS MATERIALIZED (SELECT event, source, member_id, receipt_no FROM event_key),
        told AS MATERIALIZED (
            SELECT event, source, member_id, receipt_no FROM event
            UNION ALL SELECT event, source, member_id, receipt_no FROM order_refund
        ),
        events AS MATERIALIZED (SELECT event, source, member_id FROM event)
        SELECT k.member_id, format('no event or refund %s of %s in receipt %s', k.event, k.source, k.receipt_no) AS detail
        FROM keys k LEFT JOIN told t ON t.event = k.event AND t.source = k.source AND t.member_id = k.member_id
            AND t.receipt_no = k.receipt_no
        WHERE t.member_id IS NULL
        UNION ALL
        SELECT e.member_id, format('event %s of %s is not in the directory', e.event, e.source)
        FROM events e LEFT JOIN keys k ON k.event = e.event AND k.source = e.source WHERE k.member_id IS NULL
        """,
    ),
    Check(
        "directories",
        "the number of an order leads to the member who has it",
        """
        WITH keys AS MATERIALIZED (SELECT order_no, store, member_id, receipt_no FROM order_key WHERE NOT claim_only),
        claims AS MATERIALIZED (SELECT order_no FROM order_key WHERE store = ''),
        orders AS MATERIALIZED (SELECT order_no, store, member_id, receipt_no, moved_at FROM purchase)
        SELECT k.member_id, format('order %s of store %s is not this member''s', k.order_no, k.store) AS detail
        FROM keys k LEFT JOIN orders o ON o.order_no = k.order_no AND o.store = k.store AND o.member_id = k.member_id
            AND o.moved_at IS NULL
        WHERE o.member_id IS NULL
        UNION ALL
        SELECT k.member_id, format('order %s of store %s has no receipt %s', k.order_no, k.store, k.receipt_no)
        FROM keys k LEFT JOIN orders o ON o.order_no = k.order_no AND o.store = k.store AND o.receipt_no = k.receipt_no
        WHERE o.member_id IS NULL
        UNION ALL
        SELECT o.member_id, format('order %s of store %s is not in the directory', o.order_no, o.store)
        FROM orders o LEFT JOIN keys k ON k.order_no = o.order_no AND k.store = o.store
        WHERE o.moved_at IS NULL AND k.member_id IS NULL
        UNION ALL
        SELECT o.member_id, format('the number of order %s of store %s is not claimed', o.order_no, o.store)
        FROM orders o LEFT JOIN claims c ON c.order_no = o.order_no WHERE c.order_no IS NULL
        """,
    ),
)

TAKEN = "SELECT budget AS item, sum(points) AS pieces FROM budget_use GROUP BY budget"
