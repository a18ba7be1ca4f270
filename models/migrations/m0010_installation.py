"""A row that ties a database to its installation; the first start writes it, as the migration does not know the settings."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

INSTALLATION = """
CREATE TABLE IF NOT EXISTS installation (
    id integer NOT NULL CONSTRAINT installation_id_check CHECK (id >= 1),
    oa_app_id text NOT NULL,
    miniapp_app_id text NOT NULL,
    time_zone text NOT NULL,
    is_demo boolean NOT NULL,
    bound_at timestamptz NOT NULL,
    reason text NOT NULL,
    CONSTRAINT installation_pkey PRIMARY KEY (id)
)
"""


class Migration(BaseMigration):
    """Adds a table."""

    dependencies = [("jifen", "m0009_reward_numbers")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(INSTALLATION)]  # noqa: RUF012  # as Tortoise declares it
