"""Fields drawn from shapes and bound to a JSON value: a change is put into the value at once, and validation says what is wrong."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from markupsafe import Markup, escape
from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from console.forms.places import choices_for, new_element, put_at, title_of, value_at
from console.forms.shapes import (
    Choice,
    Fixed,
    Flag,
    Free,
    Group,
    Item,
    Kinds,
    Many,
    Number,
    Pairs,
    Shape,
    When,
    Words,
)
from console.forms.summaries import summary_of
from console.forms.values import SUFFIXES, shown_free, shown_number, typed_free, typed_number
from loyalty.programme.document import Placed
from loyalty.programme.faults import Where

ODDS_TOTAL: Final = 1_000_000
LONGEST_TEXT: Final = 5_000


class Form:
    """A form over a part of `body`, which it changes in place. `changed` is called after each change."""

    def __init__(self, body: dict[str, Any], changed: Callable[[], None]) -> None:
        self.body = body
        self._changed = changed
        self._fields: dict[Where, ValueElement[Any]] = {}
        self._sums: list[Callable[[], None]] = []

    def draw(self, item: Item, where: Where) -> None:
        """Draw the field of an item at its place."""
        _draw_item(self, item, where)

    def draw_shape(self, shape: Shape, where: Where, label: str = "", help_text: str = "") -> None:
        """Draw what stands at a place, without the switch for leaving it out."""
        _draw_shape(self, shape, where, label, help_text)

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
                f'error error-message="{_quoted(sentence)}"' if sentence else "",
                remove="" if sentence else "error error-message",
            )


def _quoted(sentence: str) -> str:
    return sentence.replace('"', "”").replace("\\", "＼")


def _draw_item(form: Form, item: Item, where: Where) -> None:
    compound = isinstance(item.shape, Group | Many | Pairs | Fixed | Kinds)
    if not compound:
        _draw_shape(
            form, item.shape, where, item.title + ("" if item.required else "（可不填）"), _help(item)
        )
        return
    with ui.element("fieldset").classes("field-set"):
        ui.html(Markup("<legend>{}</legend>").format(item.title), sanitize=False, tag="div")
        if item.help:
            ui.html(Markup('<p class="quiet">{}</p>').format(item.help), sanitize=False)
        if item.required or isinstance(item.shape, Many):
            _draw_shape(form, item.shape, where, item.title, "")
        else:
            _draw_optional(form, item, where)


def _draw_optional(form: Form, item: Item, where: Where) -> None:
    """A switch, and the fields while it is on; what was written comes back when it is switched on again."""
    kept: list[Any] = []
    written = form.get(where) is not None

    @ui.refreshable
    def inner() -> None:
        if form.get(where) is not None:
            _draw_shape(form, item.shape, where, item.title, "")

    def toggle(on: bool) -> None:
        if on:
            form.put(where, kept.pop() if kept else _empty(item.shape))
        else:
            kept.append(form.get(where))
            form.put(where, None)
        inner.refresh()

    ui.switch(f"设置{item.title}", value=written, on_change=lambda event: toggle(bool(event.value)))
    inner()


def _empty(shape: Shape) -> Any:
    match shape:
        case Group() | Pairs():
            return {}
        case Many():
            return []
        case Fixed(parts=parts):
            return [None] * len(parts)
        case Kinds(shapes=shapes):
            return _empty(shapes[0])
    return ""


def _help(item: Item) -> str:
    default = item.default
    if item.required or default in (None, (), {}, "") or isinstance(item.shape, Flag | Choice):
        return item.help
    return f"{item.help}不填就是 {shown_number(default, item.shape) if isinstance(item.shape, Number) else default}。"


def _draw_shape(form: Form, shape: Shape, where: Where, label: str, help_text: str) -> None:
    match shape:
        case Group():
            _draw_group(form, shape, where)
        case Many():
            _draw_many(form, shape, where, label)
        case Fixed(parts=parts):
            with ui.row().classes("fixed"):
                for place, part in enumerate(parts):
                    _draw_shape(form, part, (*where, place), f"{label} {place + 1}", "")
        case Pairs():
            _draw_pairs(form, shape, where)
        case Kinds():
            _draw_kinds(form, shape, where, label, help_text)
        case _:
            _draw_leaf(form, shape, where, label, help_text)


def _draw_group(form: Form, group: Group, where: Where) -> None:
    if group.one_of:
        _draw_one_of(form, group, where)
        return
    with ui.element("div").classes("group"):
        for item in group.fields:
            _draw_item(form, item, (*where, item.key))


def _draw_one_of(form: Form, group: Group, where: Where) -> None:
    """First the kind, then its field, as a sentence with gaps."""
    by_key = {item.key: item for item in group.fields}
    given = form.get(where) or {}
    chosen = next((key for key in by_key if key in given), None)

    @ui.refreshable
    def inner(key: str | None) -> None:
        if key is not None:
            item = by_key[key]
            if item.help:
                ui.html(Markup('<p class="quiet">{}</p>').format(item.help), sanitize=False)
            _draw_shape(form, item.shape, (*where, key), item.title, "")

    def choose(key: str | None) -> None:
        if key is not None:
            form.put(where, {key: True if isinstance(by_key[key].shape, Flag) else _empty(by_key[key].shape)})
        inner.refresh(key)

    options = {key: item.title for key, item in by_key.items()}
    field = ui.select(
        options, label="看什么", value=chosen, on_change=lambda event: choose(event.value)
    ).props("outlined dense")
    form.register(where, field)
    inner(chosen)


def _draw_kinds(form: Form, kinds: Kinds, where: Where, label: str, help_text: str) -> None:
    """Several ways of writing one value, told apart by what is written now."""
    names = {place: _kind_name(shape) for place, shape in enumerate(kinds.shapes)}
    now = next((place for place, shape in enumerate(kinds.shapes) if _fits(shape, form.get(where))), 0)

    @ui.refreshable
    def inner(place: int) -> None:
        _draw_shape(form, kinds.shapes[place], where, label, help_text)

    def choose(place: int) -> None:
        form.put(where, _empty(kinds.shapes[place]))
        inner.refresh(place)

    ui.toggle(names, value=now, on_change=lambda event: choose(event.value)).props("no-caps unelevated dense")
    inner(now)


def _kind_name(shape: Shape) -> str:
    match shape:
        case Group():
            return "另外设置"
        case Pairs():
            return "按等级设置"
        case Choice():
            return "选一种"
        case Number():
            return "一个数"
    return "写出来"


def _fits(shape: Shape, value: Any) -> bool:
    match shape:
        case Group() | Pairs():
            return isinstance(value, dict)
        case Number():
            return isinstance(value, int)
        case Choice(options=options):
            return value in options
    return isinstance(value, str)


def _draw_many(form: Form, many: Many, where: Where, label: str) -> None:
    @ui.refreshable
    def inner() -> None:
        elements = form.get(where) or []
        for place, element in enumerate(elements):
            _draw_element(form, many, where, place, element, inner.refresh)
        if isinstance(many.element, Group) and any(item.key == "odds_ppm" for item in many.element.fields):
            _draw_sum(form, where)

        def add() -> None:
            form.put((*where, len(elements)), new_element(many.element, elements, str(where[-1])))
            inner.refresh()

        ui.button("添加一项", icon="add", on_click=add).props("flat no-caps dense").classes("act")

    inner()


def _draw_element(
    form: Form, many: Many, where: Where, place: int, element: Any, refresh: Callable[[], object]
) -> None:
    elements: list[Any] = form.get(where)

    def move(by: int) -> None:
        elements.insert(place + by, elements.pop(place))
        form.put(where, elements)
        refresh()

    def remove() -> None:
        elements.pop(place)
        form.put(where, elements or None)
        refresh()

    simple = not isinstance(many.element, Group)
    with ui.element("div").classes("element is-simple" if simple else "element"):
        if simple:
            _draw_shape(form, many.element, (*where, place), f"第 {place + 1} 项", "")
        else:
            told = summary_of(many.element, element) if isinstance(many.element, Group) else ""
            opened = isinstance(element, dict) and len(element) <= 2
            with ui.expansion(title_of(element, place), caption=told, value=opened).classes("element-body"):
                _draw_shape(form, many.element, (*where, place), "", "")
        with ui.element("div").classes("element-acts"):
            _icon("arrow_upward", "上移", lambda: move(-1), enabled=place > 0)
            _icon("arrow_downward", "下移", lambda: move(1), enabled=place < len(elements) - 1)
            _icon("delete_outline", "删除", remove)


def _icon(icon: str, name: str, action: Callable[[], object], *, enabled: bool = True) -> None:
    button = ui.button(icon=icon, on_click=action).props(f'flat round dense size=sm aria-label="{name}"')
    button.set_enabled(enabled)


def _draw_sum(form: Form, where: Where) -> None:
    """The running sum of a table of odds."""
    line = ui.html("", sanitize=False).classes("odds-sum")

    def show() -> None:
        if line.is_deleted:
            return
        elements = form.get(where) or []
        total = sum(
            one["odds_ppm"]
            for one in elements
            if isinstance(one, dict) and isinstance(one.get("odds_ppm"), int)
        )
        off = ODDS_TOTAL - total
        told = "正好" if not off else f"还{'差' if off > 0 else '多'} {abs(off) / 10_000:g}%"
        line.content = Markup('概率合计 <b class="{}">{:g}%</b>，{}').format(
            "gain" if not off else "loss", total / 10_000, told
        )

    form.watch(show)
    show()


def _draw_pairs(form: Form, pairs: Pairs, where: Where) -> None:
    @ui.refreshable
    def inner() -> None:
        for name in list(form.get(where) or {}):
            with ui.row().classes("pair"):
                ui.html(Markup("<code>{}</code>").format(name), sanitize=False)
                _draw_shape(form, pairs.value, (*where, name), "值", "")
                _icon("delete_outline", f"删除 {name}", partial(remove, name))
        with ui.row().classes("pair"):
            fresh = ui.input(label="名称").props("outlined dense maxlength=64")
            ui.button("添加", icon="add", on_click=lambda: add(str(fresh.value or ""))).props(
                "flat no-caps dense"
            ).classes("act")

    def add(name: str) -> None:
        if name.strip():
            form.put((*where, name.strip()), _empty(pairs.value))
            inner.refresh()

    def remove(name: str) -> None:
        form.put((*where, name), None)
        inner.refresh()

    inner()


def _draw_leaf(form: Form, shape: Shape, where: Where, label: str, help_text: str) -> None:
    field = _leaf(form, shape, where, label)
    if help_text and not isinstance(field, ui.switch):
        field.props(f'hint="{_quoted(help_text)}"')
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
            ).props(f"{look} inputmode=decimal{suffix}")
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
            ).props(look)
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
