"""Every statement of the source has a shape that PostgreSQL and Citus both take; each rule sees what it is there for."""

import pytest

from tests.models.shapes import RULES, faults
from tests.models.statements import statements
from tests.source import PACKAGES


def test_every_statement_has_a_shape_that_both_take() -> None:
    found = list(statements(*PACKAGES))
    assert {"SELECT_ACCOUNTS", "BY_SESSION", "_WARNED_OF", "CLAIM_DUE", "update_accounts"} <= {
        one.name for one in found
    }
    assert {(one.name, fault) for one in found for fault in faults(one.text)} == set()


BAD = [
    # A function, a CTE or a page of rows outside what is looked up for each of its rows.
    (
        """
        SELECT a.member_id, c.day FROM unnest($1::bigint[]) AS a(member_id)
        CROSS JOIN LATERAL (SELECT day FROM check_in WHERE member_id = a.member_id ORDER BY day DESC LIMIT 1) c
        """,
        "looks up from rows",
    ),
    (
        """
        SELECT u.place, l.n FROM unnest($1::bigint[]) WITH ORDINALITY AS u(member_id, place)
        JOIN account a ON a.member_id = u.member_id
        LEFT JOIN LATERAL (SELECT count(*) AS n FROM lot WHERE member_id = a.member_id) l ON true
        """,
        "looks up from rows",
    ),
    (
        """
        SELECT u.member_id FROM unnest($1::bigint[], $2::date[]) AS u(member_id, day)
        WHERE (SELECT last_seen_on FROM account a WHERE a.member_id = u.member_id) < u.day
        """,
        "looks up from rows",
    ),
    (
        """
        SELECT l.member_id, NOT EXISTS (SELECT FROM notice n WHERE n.member_id = l.member_id AND n.key = 'x') AS due
        FROM (SELECT DISTINCT member_id FROM lot ORDER BY member_id LIMIT $1) l
        """,
        "looks up from rows",
    ),
    # An outer join whose inner side Citus would fetch as a whole.
    (
        """
        SELECT u.place, i.member_id FROM unnest($1::text[]) WITH ORDINALITY AS u(subject, place)
        LEFT JOIN identity i ON i.subject = u.subject
        """,
        "joins outward from rows",
    ),
    (
        """
        SELECT m.member_id, a.status FROM (SELECT member_id FROM member ORDER BY member_id LIMIT 9) m
        LEFT JOIN account a USING (member_id)
        """,
        "joins outward from rows",
    ),
    # Tables of different placement.
    (
        "SELECT r.member_id FROM redemption r JOIN voucher_code v ON v.code = r.voucher_code",
        "meets other placements",
    ),
    ("SELECT d.nonce FROM draw d JOIN wheel_round w ON w.id = d.round_id", "meets other placements"),
    (
        """
        WITH open AS (SELECT id FROM wheel_round WHERE closed_at IS NULL)
        SELECT max(nonce) FROM draw WHERE round_id IN (SELECT id FROM open)
        """,
        "meets other placements",
    ),
    # Two members' tables by something else than the member.
    (
        "SELECT r.member_id, m.nickname FROM referral r JOIN member m ON m.member_id = r.inviter_id",
        "joins other members",
    ),
    (
        "SELECT e.seq FROM entry e LEFT JOIN (SELECT no, ref FROM receipt) r ON r.no = e.receipt_no",
        "joins other members",
    ),
    (
        "SELECT a.member_id FROM account a WHERE EXISTS (SELECT FROM referral r WHERE r.inviter_id = a.member_id)",
        "joins other members",
    ),
    ("UPDATE lot l SET held = 0 FROM redemption r WHERE r.item = 'x' AND l.terms = r.line", "joins other members"),
    (
        """
        WITH asked AS (SELECT * FROM unnest($1::bigint[], $2::text[]) AS a(member_id, ref))
        SELECT r.no FROM asked a JOIN receipt r ON r.member_id = a.member_id AND r.ref = a.ref
        UNION ALL SELECT r.no FROM asked a JOIN receipt r ON r.member_id = a.member_id AND r.scope = a.ref
        """,
        "reads arguments twice",
    ),
    (
        "UPDATE follow_up SET due_at = $2::timestamptz + $3::interval * power(2, attempts) WHERE member_id = $1",
        "computes in UPDATE",
    ),
    ("UPDATE notice SET due_at = due_at + interval '1 day' WHERE member_id = $1", "computes in UPDATE"),
    (
        """
        INSERT INTO contact VALUES ($1, true, $2)
        ON CONFLICT (member_id) DO UPDATE SET changed_at = date_trunc('day', excluded.changed_at)
        """,
        "computes in UPDATE",
    ),
    (
        "SELECT member_id, array_agg(ROW(expires_on, remaining)) FROM lot GROUP BY member_id",
        "gathers records",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "rule"), BAD)
def test_a_shape_that_citus_refuses_is_seen(statement: str, rule: str) -> None:
    assert faults(statement) == {rule}


def test_each_rule_has_a_statement_that_breaks_it() -> None:
    assert {rule for _, rule in BAD} == RULES.keys()


GOOD = [
    """
    SELECT a.member_id, c.day FROM account a CROSS JOIN LATERAL (
    SELECT day FROM check_in WHERE member_id = a.member_id ORDER BY day DESC LIMIT 1) c WHERE a.member_id = ANY($1)
    """,
    """
    SELECT a.member_id, (SELECT max(nonce) FROM draw d WHERE d.member_id = a.member_id AND d.round_id = u.round) AS nonce
    FROM unnest($1::bigint[], $2::int[]) AS u(member_id, round) JOIN account a ON a.member_id = u.member_id
    """,
    """
    SELECT * FROM (SELECT r.no FROM unnest($1::bigint[]) AS a(member_id) JOIN receipt r ON r.member_id = a.member_id
    UNION ALL SELECT e.seq FROM unnest($1::bigint[]) AS a(member_id) JOIN entry e ON e.member_id = a.member_id) found
    """,
    """
    WITH listed AS MATERIALIZED (SELECT code, member_id FROM voucher_code)
    , issued AS MATERIALIZED (SELECT member_id, voucher_code FROM redemption)
    SELECT i.member_id FROM issued i LEFT JOIN listed v ON v.code = i.voucher_code WHERE v.code IS NULL
    """,
    "SELECT r.no FROM receipt r LEFT JOIN rule_version v ON v.id = r.rule_version WHERE v.id IS NULL",
    """
    UPDATE account a SET last_seen_on = greatest(a.last_seen_on, u.day)
    FROM unnest($1::bigint[], $2::date[]) AS u(member_id, day) WHERE a.member_id = u.member_id
    """,
    "UPDATE follow_up SET due_at = greatest(due_at, ($2::timestamptz[])[least(attempts, 7)]) WHERE member_id = $1",
    """
    SELECT a.member_id FROM account a LEFT JOIN (SELECT member_id, sum(held) AS held FROM lot GROUP BY member_id) l
    USING (member_id) WHERE a.held IS DISTINCT FROM l.held
    """,
]  # fmt: skip


@pytest.mark.parametrize("statement", GOOD)
def test_a_shape_that_both_take_is_let_be(statement: str) -> None:
    assert faults(statement) == set()
