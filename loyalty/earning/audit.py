"""The audit's checks of events, orders and refunds."""

from loyalty.engine.feature import Check

CHECKS = (
    Check(
        "I12",
        "an order was refunded as much as its refunds say, and nothing is left of what a full refund took back",
        """
        SELECT p.member_id, format('order %s: refunded %s, refunds say %s', p.order_no, p.refunded_fen, r.amount) AS detail
        FROM purchase p LEFT JOIN (
            SELECT member_id, refund_of, store, sum(amount_fen) AS amount FROM order_refund WHERE state = 'applied'
            GROUP BY member_id, refund_of, store
        ) r ON r.member_id = p.member_id AND r.refund_of IN (p.order_no, p.event) AND r.store IN ('', p.store)
        WHERE p.refunded_fen = 0 AND r.amount IS NOT NULL AND p.moved_at IS NULL
        UNION ALL
        SELECT member_id, format('order %s is refunded in full and keeps %s points', order_no, granted - reversed)
        FROM purchase WHERE refunded_fen = amount_fen AND amount_fen > 0 AND reversed <> granted
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
)

TAKEN = "SELECT budget AS item, sum(points) AS pieces FROM budget_use GROUP BY budget"
