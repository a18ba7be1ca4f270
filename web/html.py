"""HTML without a template language: whatever is put into it is escaped, unless it is HTML already."""

import html
from collections.abc import Iterable
from typing import Final


class Html(str):
    """A piece of HTML, which is not escaped again."""

    __slots__ = ()


NOTHING: Final = Html("")


def markup(template: str, *values: object, **named: object) -> Html:
    """The template with the values in its braces, escaped. The template is our own text and never a person's."""
    return Html(
        template.format(*map(_escaped, values), **{name: _escaped(one) for name, one in named.items()})
    )


def joined(parts: Iterable[object]) -> Html:
    """The parts one after the other."""
    return Html("".join(map(_escaped, parts)))


def _escaped(value: object) -> str:
    return value if isinstance(value, Html) else html.escape(str(value))
