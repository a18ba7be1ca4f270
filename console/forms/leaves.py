"""Fields of plain values: numbers with their units, texts, choices, switches, days and times."""

from typing import Any, Final

from markupsafe import Markup, escape
from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from console.forms.form import Form, quoted
from console.forms.places import choices_for
from console.forms.shapes import Choice, Flag, Free, Number, Shape, When, Words
from console.forms.values import SUFFIXES, shown_free, shown_number, typed_free, typed_number
from loyalty.programme.declaring.faults import Where

LONGEST_TEXT: Final = 5_000
LONGEST_NUMBER: Final = 40
LONGEST_FREE: Final = 200


def draw_leaf(form: Form, shape: Shape, where: Where, label: str, help_text: str) -> None:
    """Draw the field of a plain value and bind it to its place. Raises TypeError for a shape that is none."""
    field = _leaf(form, shape, where, label)
    if help_text and not isinstance(field, ui.switch):
        field.props(f'hint="{quoted(help_text)}"')
    elif help_text:
        ui.html(Markup('<p class="quiet">{}</p>').format(escape(help_text)), sanitize=False)
    field.props(f'data-testid="{".".join(map(str, where))}"')
    form.register(where, field)


def _leaf(form: Form, shape: Shape, where: Where, label: str) -> ValueElement[Any]:
    value = form.get(where)
    look = "outlined dense"
    match shape:
        case Number(unit=unit):
            suffix = f' suffix="{SUFFIXES[unit]}"' if unit else ""
            return ui.input(
                label=label,
                value=shown_number(value, shape),
                on_change=lambda event: form.put(where, typed_number(str(event.value or ""), shape)),
            ).props(f"{look} inputmode=decimal maxlength={LONGEST_NUMBER}{suffix}")
        case Flag(only_true=only_true):
            return ui.switch(
                label,
                value=value is True,
                on_change=lambda event: form.put(where, _flag(bool(event.value), only_true)),
            )
        case Choice(options=options):
            return _select(form, where, label, dict(options), value)
        case When(kind=kind):
            text = ui.input(
                label=label, value=value or "", on_change=lambda event: form.put(where, event.value or None)
            )
            return text.props(f'{look} type="{kind}" stack-label')
        case Free(hint=hint):
            return ui.input(
                label=label,
                value=shown_free(value),
                placeholder=hint,
                on_change=lambda event: form.put(where, typed_free(str(event.value or ""))),
            ).props(f"{look} maxlength={LONGEST_FREE}")
        case Words(most=most, long=long):
            choices = choices_for(form.body, where)
            if choices is not None:
                return _select(form, where, label, choices, value)
            box = ui.textarea if long else ui.input
            words: ui.input | ui.textarea = box(label=label, value=shown_free(value))
            words.on_value_change(lambda event: form.put(where, _text(event.value)))
            return words.props(f"{look} maxlength={most or LONGEST_TEXT}{' autogrow' if long else ''}")
    raise TypeError(f"no leaf: {shape}")


def _flag(on: bool, only_true: bool) -> bool | None:
    return True if on else (None if only_true else False)


def _text(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


def _select(form: Form, where: Where, label: str, options: dict[str, str], value: Any) -> ValueElement[Any]:
    """A choice; a value that is no longer among the options stays visible, so that validation can name it."""
    if value not in (None, "") and value not in options:
        options = {**options, value: f"{value}（已经没有了）"}
    chosen = value if value in options else None
    return ui.select(
        options,
        label=label,
        value=chosen,
        clearable=True,
        on_change=lambda event: form.put(where, event.value),
    ).props("outlined dense")
