"""Votes in polls."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

VOTE = """
CREATE TABLE IF NOT EXISTS poll_vote (
    member_id bigint NOT NULL,
    poll text COLLATE "C" NOT NULL,
    option text COLLATE "C" NOT NULL,
    points bigint NOT NULL,
    carried boolean NOT NULL DEFAULT false,
    receipt_no bigint NOT NULL,
    CONSTRAINT poll_vote_pkey PRIMARY KEY (member_id, poll),
    CONSTRAINT poll_vote_points_check CHECK (points >= 0)
)
"""
RESULT = "CREATE INDEX IF NOT EXISTS poll_vote_result_idx ON poll_vote (poll, option) WHERE NOT carried"


class Migration(BaseMigration):
    """Adds a table."""

    dependencies = [("jifen", "m0029_webhooks")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(VOTE), RunSQL(RESULT)]  # noqa: RUF012  # as Tortoise declares it
