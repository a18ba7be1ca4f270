"""Groups, lists, kinds and pairs of fields, drawn from shapes and bound to the JSON value of a form."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from markupsafe import Markup
from nicegui import ui

from console.forms.form import Form
from console.forms.leaves import draw_leaf
from console.forms.places import new_element, title_of
from console.forms.shapes import (
    Choice,
    Fixed,
    Flag,
    Group,
    Item,
    Kinds,
    Many,
    Number,
    Pairs,
    Shape,
)
from console.forms.summaries import summary_of
from console.forms.values import shown_number
from loyalty.programme.declaring.faults import Where

ODDS_TOTAL: Final = 1_000_000


def draw_item(form: Form, item: Item, where: Where) -> None:
    """Draw an item at its place, with a switch for a group that may be left out."""
    compound = isinstance(item.shape, Group | Many | Pairs | Fixed | Kinds)
    if not compound:
        draw_shape(form, item.shape, where, item.title + ("" if item.required else "（可不填）"), _help(item))
        return
    with ui.element("fieldset").classes("field-set"):
        ui.html(Markup("<legend>{}</legend>").format(item.title), sanitize=False, tag="div")
        if item.help:
            ui.html(Markup('<p class="quiet">{}</p>').format(item.help), sanitize=False)
        if item.required or isinstance(item.shape, Many):
            draw_shape(form, item.shape, where, item.title, "")
        else:
            _draw_optional(form, item, where)


def _draw_optional(form: Form, item: Item, where: Where) -> None:
    """A switch, and the fields while it is on; what was written comes back when it is switched on again."""
    kept: list[Any] = []
    written = form.get(where) is not None

    @ui.refreshable
    def inner() -> None:
        if form.get(where) is not None:
            draw_shape(form, item.shape, where, item.title, "")

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


def draw_shape(form: Form, shape: Shape, where: Where, label: str = "", help_text: str = "") -> None:
    """Draw what stands at a place, without the switch for leaving it out."""
    match shape:
        case Group():
            _draw_group(form, shape, where)
        case Many():
            _draw_many(form, shape, where, label)
        case Fixed(parts=parts):
            with ui.row().classes("fixed"):
                for place, part in enumerate(parts):
                    draw_shape(form, part, (*where, place), f"{label} {place + 1}", "")
        case Pairs():
            _draw_pairs(form, shape, where)
        case Kinds():
            _draw_kinds(form, shape, where, label, help_text)
        case _:
            draw_leaf(form, shape, where, label, help_text)


def _draw_group(form: Form, group: Group, where: Where) -> None:
    if group.one_of:
        _draw_one_of(form, group, where)
        return
    with ui.element("div").classes("group"):
        for item in group.fields:
            draw_item(form, item, (*where, item.key))


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
            draw_shape(form, item.shape, (*where, key), item.title, "")

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
        draw_shape(form, kinds.shapes[place], where, label, help_text)

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
            draw_shape(form, many.element, (*where, place), f"第 {place + 1} 项", "")
        else:
            told = summary_of(many.element, element) if isinstance(many.element, Group) else ""
            opened = isinstance(element, dict) and len(element) <= 2
            with ui.expansion(title_of(element, place), caption=told, value=opened).classes("element-body"):
                draw_shape(form, many.element, (*where, place), "", "")
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
                draw_shape(form, pairs.value, (*where, name), "值", "")
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
