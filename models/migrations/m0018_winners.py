"""A page of winners begins within the index, however deep: the old one had the instant alone, so a page read all before it."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL


class Migration(BaseMigration):
    """Builds the index anew, which reads `draw` once."""

    dependencies = [("jifen", "m0017_wechat_faults")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [  # noqa: RUF012  # as Tortoise declares it
        RunSQL("DROP INDEX IF EXISTS draw_winners_idx"),
        RunSQL(
            "CREATE INDEX draw_winners_idx ON draw (wheel, drawn_at DESC, member_id DESC, round_id DESC, nonce DESC) WHERE won"
        ),
    ]
