"""Missions that members have finished, by period."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

DONE = """
CREATE TABLE IF NOT EXISTS mission_done (
    member_id bigint NOT NULL,
    period text COLLATE "C" NOT NULL,
    mission text COLLATE "C" NOT NULL,
    day date NOT NULL,
    in_a_row int NOT NULL,
    points bigint NOT NULL,
    bonus bigint NOT NULL,
    carried boolean NOT NULL DEFAULT false,
    receipt_no bigint NOT NULL,
    CONSTRAINT mission_done_pkey PRIMARY KEY (member_id, period, mission),
    CONSTRAINT mission_done_points_check CHECK (in_a_row >= 1 AND bonus >= 0 AND points >= bonus)
)
"""


class Migration(BaseMigration):
    """Adds a table."""

    dependencies = [("jifen", "m0025_events")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(DONE)]  # noqa: RUF012  # as Tortoise declares it
