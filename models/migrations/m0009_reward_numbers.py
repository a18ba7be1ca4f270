"""Numbers of rewards, which they keep for ever. Rewards on offer get their places of today; all others follow.

Each operation may be run again: Tortoise records a migration after the transaction that made it, and a kill between the two
leaves a migration that is made and not recorded.
"""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

REWARD_NUMBER = """
CREATE TABLE IF NOT EXISTS reward_number (
    number int NOT NULL CONSTRAINT reward_number_check CHECK (number >= 1),
    reward text COLLATE "C" NOT NULL,
    CONSTRAINT reward_number_pkey PRIMARY KEY (number),
    CONSTRAINT reward_number_reward_key UNIQUE (reward)
)
"""
NUMBERS = """
INSERT INTO reward_number (number, reward)
SELECT row_number() OVER (ORDER BY min(place) FILTER (WHERE in_force) NULLS LAST, min(version), min(place), reward), reward
FROM (
    SELECT v.id AS version, r.value ->> 'id' AS reward, r.ordinality AS place, v.id = (
        SELECT id FROM rule_version WHERE effective_from <= now() ORDER BY effective_from DESC, id DESC LIMIT 1
    ) AS in_force
    FROM rule_version v, jsonb_array_elements(v.body -> 'rewards') WITH ORDINALITY AS r
) offered
GROUP BY reward
ON CONFLICT DO NOTHING
"""


class Migration(BaseMigration):
    """Adds a table and reads `rule_version` once."""

    dependencies = [("jifen", "m0008_rule_withdrawals")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(REWARD_NUMBER), RunSQL(NUMBERS)]  # noqa: RUF012  # as Tortoise declares it
