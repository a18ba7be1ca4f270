"""The audit's check of the numbers of rewards."""

from loyalty.engine.auditing import Check

CHECKS = (
    Check(
        "reward numbers",
        "every reward of every rule version has a number",
        """
        SELECT NULL::bigint AS member_id, format('reward %s of rule version %s has no number', o.reward, o.version) AS detail
        FROM (
            SELECT id AS version, jsonb_array_elements(body -> 'rewards') ->> 'id' AS reward FROM rule_version
        ) o LEFT JOIN reward_number n ON n.reward = o.reward
        WHERE n.number IS NULL
        """,
    ),
)
