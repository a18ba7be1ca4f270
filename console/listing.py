"""A list as a table: filters that stand in the address, so that a colleague can be sent the link, and pages by the last key."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Generic, Literal, TypeVar

from markupsafe import Markup
from nicegui import ui

from console.markup import address, join

T = TypeVar("T")

PAGE_SIZE = 50
STRANGE: Final = 40
"""Characters shown of a filter's value that is none of its choices: it came with a link, and it filters."""
NUMBERED: Final = re.compile(r"(?<=\d) (?=[一-鿿])|(?<=[一-鿿]) (?=\d)")
"""Between a number and the words beside it no line ends."""


@dataclass(frozen=True)
class Column(Generic[T]):
    """A column: its title, and the cell of a row, escaped unless it is markup. Numbers stand at the right."""

    title: str
    cell: Callable[[T], object]
    kind: Literal["text", "number"] = "text"


@dataclass(frozen=True)
class Filter:
    """A field above the list, sent as `name` in the address. With `choices` (value to words) it is a choice, else a text."""

    name: str
    label: str
    choices: Mapping[str, str] | None = None
    kind: Literal["text", "date"] = "text"
    hint: str = ""


@dataclass(frozen=True)
class Listing(Generic[T]):
    """What a list shows. `empty` says what to do when there is nothing; `filtered_empty` when the filters leave nothing."""

    path: str
    caption: str
    columns: Sequence[Column[T]]
    empty: str
    filters: Sequence[Filter] = ()
    filtered_empty: str = "没有符合条件的记录，可以放宽条件再试。"
    kept: Mapping[str, str] = field(default_factory=dict)


def draw_listing(listing: Listing[T], rows: Sequence[T], query: Mapping[str, str], after: str | None) -> None:
    """Draw filters, table and the way to the next page. `after` is the key of the next page; None at the end."""
    ui.html(
        join([_filters(listing, query), table(listing, rows, query), _pages(listing, query, after)]),
        sanitize=False,
    ).classes("listing")


def table(listing: Listing[T], rows: Sequence[T], query: Mapping[str, str]) -> Markup:
    """The table alone, or the sentence for nothing."""
    if not rows:
        filtered = any(query.get(one.name) for one in listing.filters) or query.get("after")
        return Markup('<p class="empty">{}</p>').format(listing.filtered_empty if filtered else listing.empty)
    head = join(
        Markup('<th scope="col" class="{}">{}</th>').format(column.kind, column.title)
        if column.title
        else Markup("<td></td>")
        for column in listing.columns
    )
    body = join(_row(listing.columns, row) for row in rows)
    return Markup(
        '<div class="table-wrap" tabindex="0" role="region" aria-label="{}">'
        '<table><caption class="unseen">{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(listing.caption, listing.caption, head, body)


def _row(columns: Sequence[Column[Any]], row: Any) -> Markup:
    cells = join(
        Markup('<td class="{}">{}</td>').format(column.kind, _whole(column.cell(row))) for column in columns
    )
    return Markup("<tr>{}</tr>").format(cells)


def _whole(value: object) -> object:
    """A day stays on one line, and a number with its unit; anything else is as it was."""
    if isinstance(value, date):
        return Markup('<span class="whole">{}</span>').format(value)
    return NUMBERED.sub("\u00a0", value) if type(value) is str else value


def _filters(listing: Listing[Any], query: Mapping[str, str]) -> Markup:
    if not listing.filters:
        return Markup("")
    kept = join(
        Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
        for name, value in listing.kept.items()
    )
    fields = join(_field(one, query.get(one.name, "")) for one in listing.filters)
    return Markup(
        '<form class="filters" method="get" action="{}">{}{}'
        '<button class="button" type="submit">查询</button><a class="button plain" href="{}">清除条件</a></form>'
    ).format(listing.path, kept, fields, address(listing.path, **listing.kept))


def _field(one: Filter, value: str) -> Markup:
    if one.choices is None:
        control = Markup('<input type="{}" name="{}" value="{}" placeholder="{}" maxlength="100">').format(
            one.kind, one.name, value, one.hint
        )
    else:
        known = {"": "全部", **one.choices}
        shown = known if value in known else {**known, value: value[:STRANGE]}
        options = join(
            Markup('<option value="{}"{}>{}</option>').format(
                key, Markup(" selected") if key == value else "", words
            )
            for key, words in shown.items()
        )
        control = Markup('<select name="{}">{}</select>').format(one.name, options)
    return Markup("<label><span>{}</span>{}</label>").format(one.label, control)


def _pages(listing: Listing[Any], query: Mapping[str, str], after: str | None) -> Markup:
    given = {one.name: query.get(one.name, "") for one in listing.filters} | dict(listing.kept)
    parts = []
    if query.get("after"):
        parts.append(
            Markup('<a class="button plain" href="{}">回到第一页</a>').format(address(listing.path, **given))
        )
    if after is not None:
        parts.append(
            Markup('<a class="button" href="{}">下一页</a>').format(
                address(listing.path, **given, after=after)
            )
        )
    return (
        Markup('<nav class="pages" aria-label="翻页">{}</nav>').format(join(parts)) if parts else Markup("")
    )
