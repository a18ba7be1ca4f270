"""The audit's checks of holds."""

from typing import Final

from loyalty.engine.auditing import Check

CHECKS: Final = (
    Check(
        "I11",
        "what was captured and released of a hold is what was held; it is closed once, and the same lots got it back",
        """
        WITH closing AS MATERIALIZED (
            SELECT member_id, no, ref::bigint AS hold_no FROM receipt WHERE scope = 'close_hold' AND accepted
        ), used AS MATERIALIZED (
            SELECT u.member_id, coalesce(c.hold_no, u.receipt_no) AS hold_no, u.expires_on, u.opens_on, u.terms,
                sum(u.amount) FILTER (WHERE u.kind = 'held') AS held,
                sum(u.amount) FILTER (WHERE u.kind = 'captured') AS captured,
                sum(u.amount) FILTER (WHERE u.kind = 'released') AS released
            FROM lot_use u LEFT JOIN closing c ON c.member_id = u.member_id AND c.no = u.receipt_no
            WHERE u.kind IN ('held', 'captured', 'released')
            GROUP BY u.member_id, coalesce(c.hold_no, u.receipt_no), u.expires_on, u.opens_on, u.terms
        ), by_hold AS MATERIALIZED (
            SELECT member_id, hold_no, sum(held) AS held, sum(captured) AS captured, sum(released) AS released,
                bool_or(coalesce(captured, 0) + coalesce(released, 0) > coalesce(held, 0)) AS strayed
            FROM used GROUP BY member_id, hold_no
        )
        SELECT coalesce(h.member_id, b.member_id) AS member_id,
            format('hold %s of %s points is %s with %s captured; its lots say %s held, %s captured, %s released',
                coalesce(h.receipt_no, b.hold_no), h.points, h.state, h.captured, b.held, b.captured, b.released) AS detail
        FROM hold h FULL JOIN by_hold b ON b.member_id = h.member_id AND b.hold_no = h.receipt_no
        LEFT JOIN closing c ON c.member_id = h.member_id AND c.hold_no = h.receipt_no
        WHERE (h.points, h.captured) IS DISTINCT FROM (b.held::bigint, coalesce(b.captured, 0)::bigint) OR b.strayed
           OR (h.state = 'open') <> (c.no IS NULL)
           OR (h.state <> 'open' AND coalesce(b.captured, 0) + coalesce(b.released, 0) <> b.held)
        """,
        by_member=True,
    ),
    Check(
        "directories",
        "every hold is in the directory of its order",
        """
        WITH keys AS MATERIALIZED (SELECT order_no, store, member_id, receipt_no FROM hold_key),
        holds AS MATERIALIZED (SELECT order_no, store, member_id, receipt_no FROM hold)
        SELECT coalesce(h.member_id, k.member_id) AS member_id,
            format('order %s of store %s: the directory has hold %s, the member has %s', coalesce(h.order_no, k.order_no),
                coalesce(h.store, k.store), k.receipt_no, h.receipt_no) AS detail
        FROM holds h FULL JOIN keys k
            ON (k.order_no, k.store, k.member_id, k.receipt_no) = (h.order_no, h.store, h.member_id, h.receipt_no)
        WHERE h.member_id IS NULL OR k.member_id IS NULL
        """,
    ),
)
