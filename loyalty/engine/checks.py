"""The audit's checks of receipts, entries, lots, pools, notices and follow-ups, whichever feature wrote them."""

from typing import Final

from loyalty.engine.auditing import NOW, Check
from loyalty.engine.follow_ups import newcomers_key
from loyalty.engine.outcomes import Refusal, Result
from loyalty.engine.registry import Registry

LEDGER_CHECKS: Final = (
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
        by_member=True,
    ),
    Check(
        "I2",
        "the account equation holds and no quantity is negative",
        """
        SELECT member_id, 'account equation broken' AS detail FROM account
        WHERE available + pending + held - debt <> issued - spent - expired - reversed - forfeited + adjusted
           OR least(available, pending, held, debt) < 0 OR (debt > 0 AND available > 0)
        """,
        by_member=True,
    ),
    Check(
        "I3",
        "the lot equation holds and agrees with the lot uses",
        """
        SELECT l.member_id, format('lot %s disagrees with its uses', l.expires_on) AS detail
        FROM lot l LEFT JOIN (
            SELECT member_id, expires_on, opens_on, terms,
                   coalesce(sum(amount) FILTER (WHERE kind IN ('granted', 'moved_in', 'opened_in', 'extended_in')), 0)
                       - coalesce(sum(amount) FILTER (WHERE kind IN ('moved_out', 'opened_out', 'extended_out')), 0) AS granted,
                   coalesce(sum(amount) FILTER (WHERE kind IN ('spent', 'captured')), 0)
                       - coalesce(sum(amount) FILTER (WHERE kind = 'restored'), 0) AS spent,
                   coalesce(sum(amount) FILTER (WHERE kind = 'held'), 0)
                       - coalesce(sum(amount) FILTER (WHERE kind IN ('captured', 'released')), 0) AS held,
                   coalesce(sum(amount) FILTER (WHERE kind = 'expired'), 0)
                       - coalesce(sum(amount) FILTER (WHERE kind = 'unexpired'), 0) AS expired,
                   coalesce(sum(amount) FILTER (WHERE kind = 'reversed'), 0) AS reversed,
                   coalesce(sum(amount) FILTER (WHERE kind = 'offset_debt'), 0) AS offset_debt,
                   coalesce(sum(amount) FILTER (WHERE kind = 'forfeited'), 0) AS forfeited
            FROM lot_use GROUP BY member_id, expires_on, opens_on, terms
        ) u USING (member_id, expires_on, opens_on, terms)
        WHERE l.granted <> l.remaining + l.held + l.spent + l.expired + l.reversed + l.offset_debt + l.forfeited
           OR (l.granted, l.held, l.spent, l.expired, l.reversed, l.offset_debt, l.forfeited)
              IS DISTINCT FROM (
                  u.granted::bigint, u.held::bigint, u.spent::bigint, u.expired::bigint, u.reversed::bigint, u.offset_debt::bigint,
                  u.forfeited::bigint
              )
        """,
        by_member=True,
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
        by_member=True,
    ),
    Check(
        "I15",
        "no rule version takes effect before its publication",
        """
        SELECT NULL::bigint AS member_id, format('rule version %s was published at %s for %s', id, published_at, effective_from)
            AS detail
        FROM rule_version WHERE effective_from < published_at
        """,
    ),
    Check(
        "I15",
        "a rule version is urgent if and only if it makes something worse with less than seven days' notice",
        """
        SELECT NULL::bigint AS member_id, format('rule version %s does not say whether it was urgent', id) AS detail
        FROM rule_version WHERE urgent <> (losses <> '[]' AND effective_from < published_at + interval '168 hours')
        """,
    ),
    Check(
        "I15",
        "a withdrawal names a version that was scheduled for that instant, and no receipt names a withdrawn version",
        """
        SELECT NULL::bigint AS member_id, format('withdrawal of rule version %s, which takes effect at %s', w.version,
            v.effective_from) AS detail
        FROM rule_withdrawal w LEFT JOIN rule_version v ON v.id = w.version
        WHERE v.effective_from IS DISTINCT FROM w.effective_from OR w.withdrawn_at < v.published_at
        UNION ALL
        SELECT r.member_id, format('receipt %s names the withdrawn rule version %s', r.no, r.rule_version)
        FROM receipt r JOIN rule_withdrawal w ON w.version = r.rule_version
        """,
    ),
)


def checks_of(registry: Registry) -> tuple[Check, ...]:
    """All checks: those of the ledger, those of what the engine writes for every feature, and those of each feature."""
    outcomes = registry.outcomes.values()
    moving_none = [one.code for one in outcomes if issubclass(one, Result) and not one.moves_points]
    ended = [one.code for one in outcomes if issubclass(one, Refusal) and one.as_follow_up == "ended"]
    own = (
        *LEDGER_CHECKS, _receipts(moving_none), _pools(registry), _owed(["account_closed", *ended]), _owners(registry),
        _members(registry),
    )  # fmt: skip
    return (*own, *(check for feature in registry.features for check in feature.checks))


def _receipts(moving_none: list[str]) -> Check:
    return Check(
        "I6",
        "receipts are numbered without gap up to the account's version; an accepted one has entries or is of a kind that moves"
        " none; every entry has an accepted one",
        """
        SELECT r.member_id, format('receipt %s (%s) has no entries', r.no, r.code) AS detail FROM receipt r
        WHERE r.accepted AND r.code <> ALL($1::text[])
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
        (moving_none,),
        by_member=True,
    )


def _pools(registry: Registry) -> Check:
    taking = [feature for feature in registry.features if feature.taken]
    takings = "".join(f", {feature.name} AS MATERIALIZED ({feature.taken})" for feature in taking)
    together = " UNION ALL ".join(f"SELECT item, pieces FROM {feature.name}" for feature in taking)  # noqa: S608  # names of our own
    return Check(
        "I19",
        "taken stock is what members took, and never more than there was",
        f"""
        WITH pool AS MATERIALIZED (SELECT item, stocked, taken FROM stock){takings}
        SELECT NULL::bigint AS member_id, format('%s: taken %s, rows say %s', item, taken, by_rows) AS detail
        FROM pool FULL JOIN (
            SELECT item, sum(pieces) AS by_rows FROM (
                {together}
            ) p GROUP BY item
        ) t USING (item)
        WHERE coalesce(taken, 0) <> coalesce(by_rows, 0) OR taken > stocked
        """,  # noqa: S608  # the features' own statements
    )


OWNERLESS_LOTS: Final = """
SELECT t.member_id, 'lot: rows of a member without an account' AS detail FROM lot t
WHERE NOT EXISTS (SELECT FROM account a WHERE a.member_id = t.member_id) GROUP BY t.member_id
"""
"""The check for lots; for another table its name stands in the place of `lot`."""


def _owners(registry: Registry) -> Check:
    own = ("receipt", "entry", "lot", "lot_use", "meter", "notice")
    tables = (*own, *(one.name for one in registry.tables if one.key is not None))
    parts = [OWNERLESS_LOTS.replace("lot", table) for table in tables]
    return Check("I6", "what is left of a member has an account", " UNION ALL ".join(parts), by_member=True)


def _members(registry: Registry) -> Check:
    newcomers = [newcomers_key(command.name) for command in registry.for_newcomers]
    return Check(
        "members",
        "every member has an account and an identity, or was merged or erased; their referral code and the day they joined agree",
        """
        WITH people AS MATERIALIZED (
            SELECT m.member_id, m.merge_with, m.referral_code, a.member_id IS NOT NULL AS has_account, a.merged_into,
                a.status
            FROM member m LEFT JOIN account a ON a.member_id = m.member_id
        ), known AS MATERIALIZED (SELECT DISTINCT member_id FROM identity),
        codes AS MATERIALIZED (SELECT code, member_id FROM referral_code)
        SELECT member_id, 'a member without an account, not merged into another' AS detail
        FROM people WHERE NOT has_account AND (merge_with IS NULL OR merge_with = member_id)
        UNION ALL
        SELECT member_id, 'an account without a member' FROM account a
        WHERE NOT EXISTS (SELECT FROM member m WHERE m.member_id = a.member_id)
        UNION ALL
        SELECT p.member_id, 'nobody can be this member: there is no identity'
        FROM people p LEFT JOIN known i ON i.member_id = p.member_id
        WHERE i.member_id IS NULL AND p.has_account AND p.merged_into IS NULL AND p.merge_with IS NULL AND p.status <> 'closed'
        UNION ALL
        SELECT p.member_id, format('merged with %s, who is no other member', p.merge_with)
        FROM people p LEFT JOIN people o ON o.member_id = p.merge_with
        WHERE p.merge_with IS NOT NULL AND (o.member_id IS NULL OR o.member_id = p.member_id)
        UNION ALL
        SELECT p.member_id, 'the referral code leads to another member, or nowhere'
        FROM people p LEFT JOIN codes c ON c.code = p.referral_code
        WHERE (c.member_id IN (p.member_id, p.merge_with) OR (p.merged_into IS NOT NULL AND c.member_id IS NOT NULL))
            IS NOT TRUE
        UNION ALL
        SELECT c.member_id, 'a referral code is no member''s' FROM codes c
        LEFT JOIN people p ON p.referral_code = c.code WHERE p.member_id IS NULL
        UNION ALL
        SELECT f.member_id, format('follow-up %s is not of the instant they joined', f.request_key)
        FROM follow_up f JOIN member m ON m.member_id = f.member_id
        WHERE f.request_key = ANY($1::text[]) AND f.effective_at <> m.joined_at
        """,
        (newcomers,),
    )


def _owed(ended: list[str]) -> Check:
    return Check(
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
        WHERE done_at IS NULL AND due_at < 'infinity' AND effective_at < $1::timestamptz - interval '1 day'
          AND (a.status IN ('frozen', 'limited') AND last_error IN ('account_closed', 'spending_frozen')) IS NOT TRUE
        UNION ALL
        SELECT member_id, format('follow-up %s was given up after %s attempts: %s', request_key, attempts, last_error)
        FROM follow_up WHERE done_at IS NOT NULL AND last_error <> ALL($2::text[])
        """,
        (NOW, ended),
    )
