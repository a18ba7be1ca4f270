"""Dialogs in which an operator says what to do and why, and sees what will happen before they confirm it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup
from nicegui import ui

LONGEST_TEXT = 2_000


@dataclass(frozen=True)
class Ask:
    """A field of a dialog; `check` of its text happens where the deed is done. A number may have a sign.

    `many` is a box to tick for each of the choices; `value` and what is given are the ticked ones, between commas.
    """

    name: str
    label: str
    kind: Literal["text", "long", "number", "choice", "many", "password"] = "text"
    value: str = ""
    hint: str = ""
    choices: dict[str, str] | None = None
    required: bool = True


async def ask(
    title: str, lead: object, fields: Sequence[Ask], confirm: str, *, danger: bool = False
) -> dict[str, str] | None:
    """The texts that the operator gave, by field; None if they did not confirm. Empty required fields cannot be confirmed."""
    with ui.dialog() as dialog, ui.card().classes("ask"):
        ui.html(Markup("<h2>{}</h2><p>{}</p>").format(title, lead), sanitize=False)
        inputs = {field.name: _input(field) for field in fields}

        def submit() -> None:
            given = {field.name: inputs[field.name].given() for field in fields}
            missing = [field for field in fields if field.required and not given[field.name]]
            for field in missing:
                inputs[field.name].complain(f"请填写{field.label}")
            if not missing:
                dialog.submit(given)

        with ui.row().classes("ask-buttons"):
            ui.button("取消", on_click=lambda: dialog.submit(None)).props("flat no-caps").classes("act")
            ui.button(confirm, on_click=submit).props(
                f"unelevated no-caps color={'negative' if danger else 'primary'}"
            ).classes("act")
    dialog.open()
    answer: dict[str, str] | None = await dialog
    if not dialog.is_deleted:  # it is when the page was left meanwhile
        dialog.delete()
    return answer


async def tell(title: str, what: object) -> None:
    """Show something until the operator has read it."""
    with ui.dialog().props("persistent") as dialog, ui.card().classes("ask"):
        ui.html(Markup("<h2>{}</h2><p data-testid='told'>{}</p>").format(title, what), sanitize=False)
        ui.button("知道了", on_click=lambda: dialog.submit(True)).props("unelevated no-caps").classes("act")
    await dialog


class _Boxes:
    """A box to tick for each choice, under a label."""

    def __init__(self, field: Ask) -> None:
        ticked = field.value.split(",")
        with ui.element("fieldset").classes("ask-field ask-many").props(f'data-testid="ask-{field.name}"'):
            ui.html(Markup("<legend>{}</legend>").format(field.label), sanitize=False)
            self._boxes = {
                code: ui.checkbox(words, value=code in ticked).props(f'data-testid="ask-{field.name}-{code}"')
                for code, words in (field.choices or {}).items()
            }
            self._fault = ui.html("", sanitize=False)

    def given(self) -> str:
        return ",".join(code for code, box in self._boxes.items() if box.value)

    def complain(self, sentence: str) -> None:
        self._fault.set_content(Markup('<p class="bad" role="alert">{}</p>').format(sentence))


class _Input:
    """An input for one text."""

    def __init__(self, field: Ask) -> None:
        self._element = _element(field)

    def given(self) -> str:
        return str(self._element.value or "").strip()[:LONGEST_TEXT]

    def complain(self, sentence: str) -> None:
        self._element.props(f'error error-message="{sentence}"')


def _input(field: Ask) -> _Input | _Boxes:
    return _Boxes(field) if field.kind == "many" else _Input(field)


def _element(field: Ask) -> ui.input | ui.textarea | ui.select:
    marked = f'outlined dense data-testid="ask-{field.name}"'
    if field.choices is not None:
        chosen = field.value or next(iter(field.choices), None)
        return ui.select(field.choices, label=field.label, value=chosen).props(marked).classes("ask-field")
    hint = f' hint="{field.hint}"' if field.hint else ""
    if field.kind == "long":
        return (
            ui.textarea(label=field.label, value=field.value)
            .props(f"{marked}{hint} maxlength={LONGEST_TEXT}")
            .classes("ask-field")
        )
    box = ui.input(label=field.label, value=field.value, password=field.kind == "password").props(
        f"{marked}{hint} maxlength=200"
    )
    return (
        box.props("inputmode=numeric").classes("ask-field")
        if field.kind == "number"
        else box.classes("ask-field")
    )
