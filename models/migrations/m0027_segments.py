"""Birthdays of members, and the segments that operators put them into for a time."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

BIRTHDAY = "ALTER TABLE member ADD COLUMN IF NOT EXISTS birthday text"
BIRTHDAY_FROM = "ALTER TABLE member ADD COLUMN IF NOT EXISTS birthday_from date"
BIRTHDAY_CHECK = """
ALTER TABLE member DROP CONSTRAINT IF EXISTS member_birthday_check, ADD CONSTRAINT member_birthday_check CHECK (
    (birthday IS NULL) = (birthday_from IS NULL) AND birthday ~ '^[0-9]{2}-[0-9]{2}$'
)
"""
SEGMENT = """
CREATE TABLE IF NOT EXISTS segment (
    member_id bigint NOT NULL,
    name text NOT NULL,
    since date NOT NULL,
    until date NOT NULL,
    CONSTRAINT segment_pkey PRIMARY KEY (member_id, name, since),
    CONSTRAINT segment_span_check CHECK (since < until)
)
"""


class Migration(BaseMigration):
    """Adds two columns and a table."""

    dependencies = [("jifen", "m0026_missions")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [  # noqa: RUF012  # as Tortoise declares it
        RunSQL(statement) for statement in (BIRTHDAY, BIRTHDAY_FROM, BIRTHDAY_CHECK, SEGMENT)
    ]
