"""Events as partners send them. One that is malformed becomes a refusal of its own, and the others are recorded."""

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any, Final, NamedTuple, Self

from pydantic import (
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WrapValidator,
    model_validator,
)

from loyalty.ledger.ids import Id
from loyalty.members.finding import KINDS, Ref
from web.bodies import Body, Instant, invalid

REFUND: Final = "refund"
"""The type of a refund; all others are kinds of the rules."""
MOST_FEN: Final = 100_000_000
MOST_EVENTS: Final = 500
LARGEST_INTEGER: Final = 2**53

Word = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{0,200}$")]
Whole = Annotated[int, Field(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]


def _one_of_them(schema: dict[str, Any]) -> None:
    """Describe what `MemberBody` checks: one property, which is not null and not empty."""
    schema["minProperties"] = schema["maxProperties"] = 1
    for name, described in schema["properties"].items():
        [given] = [one for one in described["anyOf"] if one != {"type": "null"}]
        least = {} if given["type"] == "integer" else {"minLength": 1}
        schema["properties"][name] = {"title": described["title"], **given, **least}


class MemberBody(Body):
    """The member, by one of their ids."""

    model_config = ConfigDict(json_schema_extra=_one_of_them)

    member_id: Annotated[int, Field(ge=1, le=9_999_999_999)] | None = None
    phone: Text | None = None
    oa_openid: Text | None = None
    miniapp_openid: Text | None = None
    unionid: Text | None = None
    member_code: Text | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self.model_fields_set) != 1 or self.ref.value == "":
            raise ValueError("要写会员的一种编号，也只能写一种")
        return self

    @cached_property
    def ref(self) -> Ref:
        """The member as the engine's finder takes it."""
        given = ((kind, getattr(self, kind)) for kind in KINDS)
        return next((Ref(kind, str(value)) for kind, value in given if value is not None), Ref("phone", ""))


class EventBody(Body):
    """One event. A refund has type `refund`, an amount, and in `refund_of` the order or the event that it is of."""

    id: Word
    type: Id
    member: MemberBody
    occurred_at: Instant
    amount_fen: Annotated[int, Field(ge=0, le=MOST_FEN)] | None = None
    order_id: Word | None = None
    store_id: Name | None = None
    channel: Name | None = None
    attributes: Annotated[dict[Id, Whole | bool | Text], Field(max_length=20)] = Field(default_factory=dict)
    refund_of: Word | None = None

    @model_validator(mode="after")
    def _is_refund_or_not(self) -> Self:
        if not self.is_refund:
            if self.refund_of is not None:
                raise ValueError("只有退款（type 为 refund）才写 refund_of")
        elif self.refund_of is None or not self.amount_fen:
            raise ValueError("退款要写 refund_of（原订单号或事件编号）和大于 0 的 amount_fen")
        return self

    @property
    def is_refund(self) -> bool:
        """Whether money went back."""
        return self.type == REFUND


class Malformed(NamedTuple):
    """An event that cannot be read: its id, if that much can be, and why it is refused."""

    id: str | None
    code: str
    reason: str


def _or_malformed(value: Any, _: Any) -> EventBody | Malformed:
    try:
        return EventBody.model_validate(value)
    except ValidationError as error:
        fields = [str(fault["loc"][0]) for fault in error.errors() if fault["loc"]]
        code = "amount_invalid" if "amount_fen" in fields else "event_malformed"
        return Malformed(_id_of(value), code, str(invalid(error).detail))


def _id_of(value: Any) -> str | None:
    found = value.get("id") if isinstance(value, dict) else None
    return found[:64] if isinstance(found, str) else None


Event = Annotated[EventBody, WrapValidator(_or_malformed)]
"""Described as an event, and read as an event or as Malformed."""


class EventsBody(Body):
    """One to 500 events."""

    events: Annotated[list[Event], Field(min_length=1, max_length=MOST_EVENTS)]

    @property
    def read(self) -> Sequence[EventBody | Malformed]:
        """The events as they could be read."""
        return self.events
