"""Meters: a member's numbers per period, so that no command counts rows of the past. They are filled from the rows that exist.

The index of a day's draws is dropped: the meter has their number, and without the index each draw writes one page less.

Each operation may be run again: Tortoise records a migration after the transaction that made it, and a kill between the two
leaves a migration that is made and not recorded.
"""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

METER = """
CREATE TABLE IF NOT EXISTS meter (
    member_id bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    period text COLLATE "C" NOT NULL,
    value bigint NOT NULL CONSTRAINT meter_value_check CHECK (value >= 0),
    CONSTRAINT meter_pkey PRIMARY KEY (member_id, name, period)
)
"""
DRAWS = """
INSERT INTO meter (member_id, name, period, value)
SELECT member_id, 'draws:' || wheel, to_char(day, 'YYYY-MM-DD'), count(*) FROM draw GROUP BY member_id, wheel, day
ON CONFLICT (member_id, name, period) DO NOTHING
"""
FRIENDS = """
INSERT INTO meter (member_id, name, period, value)
SELECT member_id, 'friends_rewarded', '', count(*) FROM receipt WHERE scope = 'referral' AND accepted GROUP BY member_id
ON CONFLICT (member_id, name, period) DO NOTHING
"""
WARNINGS = """
INSERT INTO meter (member_id, name, period, value)
SELECT member_id, 'expiry_warnings', split_part(key, '|', 2) || '|' || split_part(key, '|', 1), 1
FROM notice WHERE kind = 'expiry'
ON CONFLICT (member_id, name, period) DO NOTHING
"""


class Migration(BaseMigration):
    """Adds a table and reads `draw`, `receipt` and `notice` once."""

    dependencies = [("jifen", "m0004_fewer_pages")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [  # noqa: RUF012  # as Tortoise declares it
        RunSQL(METER),
        RunSQL(DRAWS),
        RunSQL(FRIENDS),
        RunSQL(WARNINGS),
        RunSQL("DROP INDEX IF EXISTS draw_day_idx"),
    ]
