"""Windows: from when until when an item of the rule set holds. Half-open, in the local time of the programme's zone."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Final

from pydantic import Field, create_model

from loyalty.programme.better import Better
from loyalty.programme.faults import Fault, OfDrafts
from loyalty.programme.sections import Rule

FORMAT: Final = "%Y-%m-%dT%H:%M"
"""Moments in this format compare as texts."""


def _moment_faults(text: str) -> list[Fault]:
    try:
        good = datetime.strptime(text, FORMAT).strftime(FORMAT) == text  # noqa: DTZ007  # local time of the programme
    except ValueError:
        good = False
    return [] if good else [Fault((), "要写成年-月-日T时:分，如 2026-12-01T00:00，不写时区")]


Moment = Annotated[str, OfDrafts(_moment_faults, "如 2026-12-01T00:00")]
"""A local time to the minute, as `2026-12-01T00:00`."""

_FROM: Final = Field(default=None, title="从何时", description="从这一刻起有效（含）；不写就是一直有效。")
_Begin = Annotated[Moment | None, Better("lower", null="best")]
_From = create_model("_From", __base__=Rule, **{"from": (_Begin, _FROM)})  # type: ignore[call-overload]  # a keyword of Python


class Windowed(_From):  # type: ignore[valid-type,misc]  # a model made by a function
    """Base of items that hold from `from` (the property `begins`) until `until`; without one of them that side is open.

    Name it before the base with the item's other fields: pydantic then puts `from` and `until` after them.
    """

    until: Annotated[Moment | None, Better("higher", null="best")] = Field(
        default=None, title="到何时", description="到这一刻为止（不含）；不写就是一直有效。"
    )

    @property
    def begins(self) -> str | None:
        """The first moment, None for always."""
        begins: str | None = getattr(self, "from")
        return begins

    def holds_at(self, moment: str) -> bool:
        """Whether a local time in FORMAT lies in the window."""
        return (self.begins is None or self.begins <= moment) and (self.until is None or moment < self.until)

    def window_faults(self) -> list[Fault]:
        """A fault where the window ends before it begins."""
        if self.begins is not None and self.until is not None and self.until <= self.begins:
            return [Fault(("until",), f"要比 from 的 {self.begins} 晚，现在写的是 {self.until}")]
        return []


def over(
    items: Mapping[str, Windowed], before: Mapping[str, Windowed] | None, since: datetime, kind: str
) -> Iterator[str]:
    """A Chinese sentence for each item, by its id, that is new or changed and ends before `since`, a time in the programme's zone.

    `kind` says in Chinese what the items are.
    """
    clock = since.strftime(FORMAT)
    for item_id, item in items.items():
        if item.until is not None and item.until <= clock and (before or {}).get(item_id) != item:
            end = item.until.replace("T", " ")
            yield (
                f"{kind} {item_id} 到 {end} 就结束了，这一版生效时已经过了，谁也赶不上。"
                f"请改 until（到何时），或者去掉这个{kind}。"
            )


def window_text(window: Windowed) -> str:
    """`2026-12-01 00:00 起，到 2027-01-01 00:00 为止`; empty for a window without an end on either side."""
    told = []
    if window.begins:
        told.append(f"{window.begins.replace('T', ' ')} 起")
    if window.until:
        told.append(f"到 {window.until.replace('T', ' ')} 为止")
    return "，".join(told)
