"""Seeds of open rounds are sealed, rounds end by time, and a round knows the database that it was opened in.

Rounds that are open now end here and reveal their seeds: these seeds lay in plain text in the database and its backups, so nothing
may be drawn on them any more. The program opens new rounds as soon as it runs. Stop server and worker first: the old program would
open a round with a plain seed, which the new checks refuse.

The rounds end at the latest instant that the ledger knows: nothing was drawn after it, also by a demo's clock that is ahead.
"""

from datetime import UTC, datetime

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunPython, RunSQL
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

COLUMNS = """
ALTER TABLE wheel_round ALTER COLUMN server_seed DROP NOT NULL,
    ADD COLUMN IF NOT EXISTS sealed_seed bytea, ADD COLUMN IF NOT EXISTS key_id text,
    ADD COLUMN IF NOT EXISTS opened_in text, ADD COLUMN IF NOT EXISTS ends_at timestamptz
"""
OPEN = "SELECT max(opened_at) AS latest FROM wheel_round WHERE closed_at IS NULL AND server_seed IS NOT NULL"
BOOKED = "SELECT max(posted_at) AS latest FROM account"
END = "UPDATE wheel_round SET closed_at = $1, revealed_at = $2 WHERE closed_at IS NULL AND server_seed IS NOT NULL"
CHECKS = {
    "wheel_round_reveal_check": "(server_seed IS NULL) = (revealed_at IS NULL) AND (revealed_at IS NULL OR closed_at IS NOT NULL)",
    "wheel_round_seal_check": "(sealed_seed IS NULL) = (server_seed IS NOT NULL) AND (key_id IS NULL) = (sealed_seed IS NULL)",
    "wheel_round_span_check": "ends_at > opened_at AND (sealed_seed IS NULL OR num_nulls(ends_at, opened_in) = 0)",
}
CLOSED = "CREATE INDEX IF NOT EXISTS wheel_round_closed_idx ON wheel_round (closed_at)"


async def end_open_rounds(_: StateApps, editor: BaseSchemaEditor) -> None:
    """End the open rounds: an UPDATE that itself looked at members' rows could not run on Citus."""
    [opened] = await editor.client.execute_query_dict(OPEN)
    [booked] = await editor.client.execute_query_dict(BOOKED)
    if opened["latest"] is not None:
        closed_at = max(one["latest"] for one in (opened, booked) if one["latest"] is not None)
        await editor.client.execute_query(END, [closed_at, max(closed_at, datetime.now(UTC))])


class Migration(BaseMigration):
    """Ends every open round, and reads `account` once."""

    dependencies = [("jifen", "m0012_job_runs")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [  # noqa: RUF012  # as Tortoise declares it
        RunSQL(COLUMNS),
        RunPython(end_open_rounds),
        *(
            RunSQL(
                f"ALTER TABLE wheel_round DROP CONSTRAINT IF EXISTS {name}, ADD CONSTRAINT {name} CHECK ({check})"
            )
            for name, check in CHECKS.items()
        ),
        RunSQL(CLOSED),
    ]
