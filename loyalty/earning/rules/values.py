"""The types of values that earning rules are made of: times of day, factors, and sections with one item written."""

import re
from collections.abc import Mapping
from datetime import time
from fractions import Fraction
from typing import Annotated, Any, Final, Self, TypeAlias

from pydantic import (
    Field,
    PlainSerializer,
    PlainValidator,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
    model_validator,
)

from loyalty.programme.declaring.faults import Fault, at_most, refuse
from loyalty.programme.declaring.sections import Rule
from loyalty.programme.declaring.texts import shown

MOST_FACTOR: Final = 10
MOST_DENOMINATOR: Final = 100
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

StoreId = Annotated[str, StringConstraints(pattern="^[a-z0-9][a-z0-9_-]{0,31}$")]
"""The id of a store, and of a channel or a community: it comes from a partner's own programs, so it may contain hyphens."""
Fen = Annotated[int, Field(ge=0, le=1_000_000_000)]
Days = Annotated[int, Field(ge=1), at_most(3660)]
Times = Annotated[int, Field(ge=1, le=1_000_000)]


def written_parts(model: Rule, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
    """The items of a section that are written; those that are None are left out, so that a stored rule stays short."""
    return {key: value for key, value in handler(model).items() if value is not None}


def _attribute(value: object) -> int | str | bool:
    if not isinstance(value, int | str) or (isinstance(value, str) and len(value) > 64):
        refuse([Fault((), f"要写整数、不超过 64 个字的文字、true 或 false，现在写的是 {shown(str(value))}")])
        raise AssertionError
    return value


class Sparse(Rule):
    """A section of which only what is written is stored."""

    @model_serializer(mode="wrap")
    def _written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return written_parts(self, handler)


class OneOf(Sparse):
    """A section in which exactly one item is written."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            found = f"现在写了 {'、'.join(given)}" if given else "现在一项也没有写"
            refuse([Fault((), f"{'、'.join(type(self).model_fields)} 里要写一项，也只能写一项；{found}")])
        return self

    @property
    def kind(self) -> str:
        """The name of the item that is written."""
        return next(name for name in type(self).model_fields if getattr(self, name) is not None)


def _clock(value: object) -> time:
    if not (isinstance(value, str) and _CLOCK.fullmatch(value)):
        refuse([Fault((), f'要写几点几分，加引号，如 "18:00"，现在写的是 {shown(str(value))}')])
    return time.fromisoformat(str(value))


def fraction(factor: int | str) -> Fraction:
    """A factor as an exact number: 2, "1.5" or "3/2"."""
    return Fraction(factor)


def _factor(value: object) -> int | str:
    if isinstance(value, float):
        refuse([Fault((), f'小数要加引号，写成 "{value}"')])
    if isinstance(value, bool) or not isinstance(value, int | str):
        refuse([Fault((), f'要写 2 到 {MOST_FACTOR} 的整数，或加引号的小数，如 "1.5"')])
        raise AssertionError
    if isinstance(value, str) and not re.fullmatch(r"\d{1,2}(\.\d{1,2})?|\d{1,4}/[1-9]\d{0,2}", value):
        refuse([Fault((), f'倍数要写整数，或加引号的小数，如 "1.5"，现在写的是 {shown(value)}')])
    exact = fraction(value)
    if not 1 < exact <= MOST_FACTOR or exact.denominator > MOST_DENOMINATOR:
        refuse([Fault((), f"倍数要大于 1，最大 {MOST_FACTOR}，最多两位小数，现在写的是 {value}")])
    return value


def _pending(value: object) -> int | Mapping[str, int]:
    days = value if isinstance(value, dict) else {"default": value}
    if "default" not in days:
        refuse([Fault((), "按等级写天数时，要写 default：其余等级等几天")])
    refuse([
        Fault((tier,) if days is value else (), f"天数要写 0 到 90 的整数，现在写的是 {shown(str(one))}")
        for tier, one in days.items()
        if isinstance(one, bool) or not isinstance(one, int) or not 0 <= one <= 90
    ])  # fmt: skip
    return value  # type: ignore[return-value]  # checked above


Clock: TypeAlias = Annotated[time, PlainValidator(_clock), PlainSerializer(lambda at: f"{at:%H:%M}")]
"""A time of day on the clock of the programme's zone."""
AttributeValue: TypeAlias = Annotated[int | str | bool, PlainValidator(_attribute)]
"""What an attribute of an event can be."""
Factor: TypeAlias = Annotated[int | str, PlainValidator(_factor)]
"""What points are multiplied by: an integer, or a rational as a text."""
PendingDays: TypeAlias = Annotated[int | Mapping[str, int], PlainValidator(_pending)]
"""Days until points can be spent, for all members or by tier id, with `default` for other tiers."""
