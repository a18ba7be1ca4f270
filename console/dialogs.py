"""Dialogs in which an operator says what to do and why, and sees what will happen before they confirm it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup
from nicegui import ui

LONGEST_TEXT = 2_000


@dataclass(frozen=True)
class Ask:
    """A field of a dialog; `check` of its text happens where the deed is done. A number may have a sign."""

    name: str
    label: str
    kind: Literal["text", "long", "number", "choice", "password"] = "text"
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
            given = {
                field.name: str(inputs[field.name].value or "").strip()[:LONGEST_TEXT] for field in fields
            }
            missing = [field for field in fields if field.required and not given[field.name]]
            for field in missing:
                inputs[field.name].props(f'error error-message="请填写{field.label}"')
            if not missing:
                dialog.submit(given)

        with ui.row().classes("ask-buttons"):
            ui.button("取消", on_click=lambda: dialog.submit(None)).props("flat no-caps").classes("act")
            ui.button(confirm, on_click=submit).props(
                f"unelevated no-caps color={'negative' if danger else 'primary'}"
            ).classes("act")
    dialog.open()
    answer: dict[str, str] | None = await dialog
    dialog.delete()
    return answer


async def tell(title: str, what: object) -> None:
    """Show something until the operator has read it."""
    with ui.dialog().props("persistent") as dialog, ui.card().classes("ask"):
        ui.html(Markup("<h2>{}</h2><p data-testid='told'>{}</p>").format(title, what), sanitize=False)
        ui.button("知道了", on_click=lambda: dialog.submit(True)).props("unelevated no-caps").classes("act")
    await dialog


def _input(field: Ask) -> ui.input | ui.textarea | ui.select:
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
