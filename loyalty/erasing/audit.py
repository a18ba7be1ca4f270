"""What must hold of erased members: the account is closed by the receipt, empty, and nothing tells who they were."""

from typing import Final

from loyalty.engine.auditing import Check
from loyalty.erasing.places import PLACES

FOUND: Final = ", ".join(
    f"of_{one.table} AS MATERIALIZED (SELECT DISTINCT member_id FROM ({one.left}) t)"  # noqa: S608  # our own names
    for one in PLACES
)
TOLD: Final = " UNION ALL ".join(
    f"SELECT member_id, '{one.table}' AS what FROM of_{one.table}"  # noqa: S608  # our own names
    for one in PLACES
)

CHECKS: Final = (
    Check(
        "D14",
        "an account is closed if and only if its member was erased, and holds no points",
        """
        SELECT a.member_id, format('status %s, points %s', a.status, a.available + a.pending) AS detail
        FROM account a LEFT JOIN (
            SELECT DISTINCT member_id, true AS erased FROM receipt WHERE accepted AND code = 'member_erased'
        ) r ON r.member_id = a.member_id
        WHERE (a.status = 'closed') <> (r.erased IS NOT NULL) OR a.status = 'closed' AND a.available + a.pending > 0
        """,
        by_member=True,
    ),
    Check(
        "D14",
        "nothing tells who an erased member was, nor who was merged into them",
        f"""
        WITH closed AS MATERIALIZED (
            SELECT member_id FROM account WHERE status = 'closed'
        ), half AS MATERIALIZED (
            SELECT h.other_id AS member_id FROM merged_half h JOIN account a ON a.member_id = h.member_id
            WHERE a.status = 'closed' AND h.split_no IS NULL
        ), erased AS MATERIALIZED (
            SELECT member_id FROM closed UNION SELECT member_id FROM half
        ), {FOUND}, told AS MATERIALIZED (
            {TOLD}
        )
        SELECT e.member_id, format('%s still tells who they were', t.what) AS detail
        FROM erased e JOIN told t ON t.member_id = e.member_id
        """,  # noqa: S608  # our own text
    ),
)
