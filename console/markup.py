"""Pieces of HTML for lists and facts. Everything that comes from people or the database is escaped here, in one place."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from loyalty.ledger.calendar import NEVER, last_day

Tone = Literal["good", "warn", "bad", "quiet"]


def join(parts: Iterable[object], between: str = "") -> Markup:
    """The parts, escaped unless they are markup, one after the other."""
    return Markup(between).join(map(escape, parts))  # noqa: S704  # `between` is ours


def link(words: object, address: str, classes: str = "") -> Markup:
    """A link to an address of this console."""
    return Markup('<a class="{}" href="{}">{}</a>').format(classes, address, words)


def badge(words: object, tone: Tone = "quiet") -> Markup:
    """A short state in a coloured capsule."""
    return Markup('<span class="badge badge-{}">{}</span>').format(tone, words)


def quiet(words: object) -> Markup:
    """Words of less weight."""
    return Markup('<span class="quiet">{}</span>').format(words)


def points(number: int | None) -> str:
    """A number with its thousands apart; "–" for none."""
    return "–" if number is None else f"{number:,}"


def signed(number: int) -> Markup:
    """A number with its sign, coloured by it."""
    return Markup('<span class="number {}">{}</span>').format(
        "gain" if number > 0 else "loss", f"{number:+,}"
    )


def yuan(fen: int | None) -> str:
    """An amount in yuan, from fen; "–" for none."""
    if fen is None:
        return "–"
    return f"{'-' if fen < 0 else ''}¥{abs(fen) / 100:,.2f}"


def moment(at: datetime | None, zone: ZoneInfo) -> Markup:
    """An instant in local time, to the minute, with the second in its title; "–" for none."""
    if at is None:
        return escape("–")
    local = at.astimezone(zone)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        local.isoformat(), f"{local:%Y-%m-%d %H:%M:%S}", f"{local:%Y-%m-%d %H:%M}"
    )


def until(expires_on: date) -> date | str:
    """The last day on which something can be used, as members read it: the day before `expires_on`."""
    return "长期有效" if expires_on == NEVER else last_day(expires_on)


def address(path: str, **query: object) -> str:
    """A path with a query of what is neither None nor empty."""
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path
