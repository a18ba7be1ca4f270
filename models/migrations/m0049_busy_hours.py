"""活跃时段 over a year read every minute of every flow; the minutes in which members did something are a sixth of them."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

ACTED = """
CREATE INDEX IF NOT EXISTS minute_fact_acted_idx ON minute_fact (edition, day, minute) INCLUDE (times) WHERE flow = 'acted'
"""


class Migration(BaseMigration):
    """Adds an index that answers the page by itself."""

    dependencies = [("jifen", "m0048_odds")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(ACTED)]  # noqa: RUF012  # as Tortoise declares it
