"""Further kinds of lot uses: points that are extended, forfeited, held, reversed, or opened into another lot."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

LOT_USE = """
ALTER TABLE lot_use DROP CONSTRAINT IF EXISTS lot_use_kind_check,
    ADD CONSTRAINT lot_use_kind_check
    CHECK (kind IN (
        'granted', 'spent', 'restored', 'expired', 'unexpired', 'offset_debt', 'moved_in', 'moved_out', 'opened_in', 'opened_out',
        'reversed', 'held', 'captured', 'released', 'extended_in', 'extended_out', 'forfeited'
    ))
"""


class Migration(BaseMigration):
    """Widens a constraint; reads `lot_use` once."""

    dependencies = [("jifen", "m0022_partner")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(LOT_USE)]  # noqa: RUF012  # as Tortoise declares it
