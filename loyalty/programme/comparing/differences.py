"""The rules as lines of Chinese, and what differs between two rule sets: what was, and what is."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from loyalty.ledger.words import odds_text, yuan
from loyalty.programme.declaring.texts import shown
from loyalty.programme.outline.items import Named, item_at, place_text
from loyalty.programme.rules import RuleSet

Place: TypeAlias = tuple[str | Named, ...]
Flat: TypeAlias = Mapping[Place, Any]
"""Values by their places; None for one that is not written, or empty."""
ABSENT: Final = "（无）"
NOTHING: Final[tuple[Any, ...]] = (None, [], "")
LONGEST: Final = 1000
LINE_END: Final = "\n"


def rule_lines(rules: RuleSet) -> list[str]:
    """Every item that holds something, as `check_in（签到） › points（每天积分）：10`."""
    return [
        f"{place_text(place)}：{item_text(place, value)}"
        for place, value in _flat(rules).items()
        if value is not None
    ]


def differences(
    before: RuleSet, after: RuleSet, text: Callable[[Iterable[str | Named | int]], str] = place_text
) -> list[str]:
    """A line per change, such as `rewards（礼品）「mug」 › price_points（价格）：60 → 80`; none for equal rules.

    `text` says how a place is written: with its keys, or by `plain_text` as whoever writes no file reads it.
    """
    old, new = _flat(before), _flat(after)
    gone, come = _elements(old, new), _elements(new, old)
    lines = [f"去掉 {text(one)}" for one in gone]
    lines += [f"新增 {text(one)}：{_summary(new, one)}" for one in come]
    for place in {**old, **new}:
        was, now = old.get(place), new.get(place)
        if was != now and not any(place[: len(one)] == one for one in (*gone, *come)):
            lines.append(f"{text(place)}：{item_text(place, was)} → {item_text(place, now)}")
    return lines + [
        f"{text(place)}的先后：{value_text(was)} → {value_text(now)}" for place, was, now in _moved(old, new)
    ]


def _flat(rules: RuleSet) -> Flat:
    """The value of every item by its place, in the order of the model."""
    return dict(_walk((), rules.model_dump(mode="json")))


def _walk(place: Place, value: Any) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk((*place, key), inner)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for name, inner in zip(names(value), value, strict=True):
            yield from _walk((*place, Named(name, _title_of(inner))), inner)
    else:
        yield place, None if value in NOTHING else value


def names(elements: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A name per element: its id, or else its first item with the value; an equal one after it gets a number."""
    seen: dict[str, int] = {}
    for element in elements:
        key, value = next(iter(element.items()))
        name = str(value) if key == "id" else f"{key} {_short(value)}"
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}（{seen[name]}）"


def _short(value: Any) -> str:
    """A value within a name."""
    if isinstance(value, dict):
        return " ".join(f"{key} {_short(one)}" for key, one in value.items())
    return "、".join(_short(one) for one in value) if isinstance(value, list) else str(value)


def _elements(of: Flat, without: Flat) -> list[Place]:
    """The elements of lists in `of` that `without` lacks; of those within each other only the outermost."""
    own, others = _prefixes(of), set(_prefixes(without))
    found = [one for one in own if one not in others]
    return [one for one in found if not any(one[:length] in found for length in range(1, len(one)))]


def _prefixes(flat: Flat) -> list[Place]:
    """Every element of a list, in order."""
    ends = ((place, end) for place in flat for end, step in enumerate(place, 1) if isinstance(step, Named))
    return list(dict.fromkeys(place[:end] for place, end in ends))


def _moved(old: Flat, new: Flat) -> Iterator[tuple[Place, list[str], list[str]]]:
    """Lists whose common elements stand in another order."""
    before, after = _orders(old), _orders(new)
    for place in before.keys() & after.keys():
        was = [name for name in before[place] if name in after[place]]
        now = [name for name in after[place] if name in before[place]]
        if was != now:
            yield place, was, now


def _orders(flat: Flat) -> dict[Place, list[str]]:
    found: dict[Place, list[str]] = {}
    for one in _prefixes(flat):
        last = one[-1]
        if isinstance(last, Named):
            found.setdefault(one[:-1], []).append(last.name)
    return found


def _title_of(element: Mapping[str, Any]) -> str:
    """What members call an element of a list."""
    return str(element.get("name") or element.get("title") or "") if "id" in element else ""


def _summary(flat: Flat, element: Place) -> str:
    """The items of an added element in one line."""
    inner = {place: value for place, value in flat.items() if place[: len(element)] == element}
    told = ((place, item_text(place, value)) for place, value in inner.items() if value is not None)
    return "，".join(f"{_title(place)}{'' if text.startswith('「') else ' '}{text}" for place, text in told)


def _title(place: Place) -> str:
    item = item_at(tuple(step if isinstance(step, str) else 0 for step in place))
    return item.title if item and item.title else str(place[-1])


def item_text(place: Iterable[object], value: Any) -> str:
    """A value in Chinese, with a unit that members know where the item is in fen or in millionths."""
    key = str([*place][-1])
    if isinstance(value, int) and not isinstance(value, bool) and key.endswith("_ppm"):
        return odds_text(value)
    if isinstance(value, int) and not isinstance(value, bool) and key.endswith("_fen"):
        return f"{yuan(value)} 元"
    return value_text(value)


def value_text(value: Any) -> str:
    """A value in Chinese: texts in 「」, numbers with separators."""
    if value is None:
        return ABSENT
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return "、".join(f"{one[0]}–{one[-1]}" if isinstance(one, list) else str(one) for one in value)
    return f"「{shown(str(value).replace(LINE_END, '↵'), LONGEST)}」"
