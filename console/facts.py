"""Facts of a thing as a panel of names and values, and a headline of figures."""

from collections.abc import Iterable

from markupsafe import Markup
from nicegui import ui

from console.markup import join


def draw_facts(facts: Iterable[tuple[str, object]], title: str = "") -> None:
    """A panel of names and values; values are escaped unless they are markup."""
    pairs = join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value) for name, value in facts)
    head = Markup("<h2>{}</h2>").format(title) if title else Markup("")
    ui.html(Markup('{}<dl class="facts">{}</dl>').format(head, pairs), sanitize=False).classes("panel")


def draw_cards(cards: Iterable[tuple[object, object, object]]) -> None:
    """Figures side by side: label, figure, and a line below it."""
    drawn = join(
        Markup(
            '<div class="card"><div class="label">{}</div><div class="figure">{}</div><div class="quiet">{}</div></div>'
        ).format(*card)
        for card in cards
    )
    ui.html(drawn, sanitize=False).classes("cards")


def draw_notice(sentence: object, *, bad: bool = False) -> None:
    """A sentence that stands out."""
    ui.html(Markup('<p class="notice{}">{}</p>').format(" bad" if bad else "", sentence), sanitize=False)


def draw_heading(words: str) -> None:
    """The heading of a part of the page."""
    ui.html(Markup("<h2>{}</h2>").format(words), sanitize=False)
