"""The state of a form: the JSON value that it changes, its fields by their places, and what is wrong with them."""

from collections.abc import Callable, Sequence
from typing import Any

from nicegui.elements.mixins.value_element import ValueElement

from console.forms.places import put_at, value_at
from loyalty.programme.declaring.faults import Where
from loyalty.programme.files.document import Placed


class Form:
    """A form over a part of `body`, which it changes in place. `changed` is called after each change."""

    def __init__(self, body: dict[str, Any], changed: Callable[[], None]) -> None:
        self.body = body
        self._changed = changed
        self._fields: dict[Where, ValueElement[Any]] = {}
        self._sums: list[Callable[[], None]] = []

    def get(self, where: Where) -> Any:
        """The value at a place."""
        return value_at(self.body, where)

    def put(self, where: Where, value: Any) -> None:
        """Set the value at a place."""
        put_at(self.body, where, value)
        for show in self._sums:
            show()
        self._changed()

    def register(self, where: Where, field: ValueElement[Any]) -> None:
        """Remember the field that shows the value at a place."""
        self._fields[where] = field

    def watch(self, show: Callable[[], None]) -> None:
        """Call `show` after each change."""
        self._sums.append(show)

    def show_faults(self, faults: Sequence[Placed]) -> None:
        """Mark the fields that are wrong; the others lose their mark."""
        told = {fault.where: fault.sentence for fault in reversed(faults)}
        for where, field in self._fields.items():
            if field.is_deleted:
                continue
            sentence = told.get(where)
            field.props(
                f'error error-message="{quoted(sentence)}"' if sentence else "",
                remove="" if sentence else "error error-message",
            )


def quoted(sentence: str) -> str:
    """A sentence within the quotation marks of an element's props."""
    return sentence.replace('"', "”").replace("\\", "＼")
