"""Vouchers of rewards that sign-ins have unlocked: a further source."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

SOURCE = """
ALTER TABLE redemption DROP CONSTRAINT IF EXISTS redemption_source_check,
    ADD CONSTRAINT redemption_source_check CHECK (source IN ('redeem', 'draw', 'unlock'))
"""


class Migration(BaseMigration):
    """Widens a constraint; reads `redemption` once."""

    dependencies = [("jifen", "m0030_polls")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(SOURCE)]  # noqa: RUF012  # as Tortoise declares it
