"""A span of days that a command is about: `--from` and `--to`."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final

import typer

from runtime.cli.starting import fail

DAYS: Final = 30

First = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], help="从哪一天起，算上这一天；不写就是 30 天前"),
]
Last = Annotated[
    datetime | None,
    typer.Option("--to", formats=["%Y-%m-%d"], help="到哪一天为止，算上这一天；不写就是今天"),
]


def span(first: datetime | None, last: datetime | None, today: date) -> tuple[date, date]:
    """The days that the options name; the last DAYS without them. Ends the command if they are the wrong way round."""
    until = last.date() if last else today
    since = first.date() if first else until - timedelta(days=DAYS - 1)
    if since > until:
        fail("--from 不能在 --to 之后。")
    return since, until
