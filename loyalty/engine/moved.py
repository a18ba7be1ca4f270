"""The meters that moved between members in merges, for the audit of the features that count them."""

from typing import Final

MOVED_METERS: Final = """
moved AS MATERIALIZED (
    SELECT member_id, meter->>0 AS name, meter->>1 AS period, sum((meter->>2)::bigint * sign) AS value FROM (
        SELECT member_id, jsonb_array_elements(facts->'moved'->'meters') AS meter,
            CASE WHEN facts ? 'out_no' THEN 1 ELSE -1 END AS sign
        FROM receipt WHERE accepted AND facts ? 'moved'
    ) m GROUP BY member_id, meter->>0, meter->>1
)
"""
"""A common table expression: by how much merges raised each meter. A receipt of an arrival names the receipt of the departure."""
