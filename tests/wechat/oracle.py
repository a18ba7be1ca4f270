"""wechatpy's view of a push: an independent reading of the same fields, for the tests to compare ours with."""

import copy
from collections.abc import Mapping

from wechatpy.events import EVENT_TYPES
from wechatpy.messages import MESSAGE_TYPES, BaseMessage, UnknownMessage

from wechat.body import FieldValue


def typed(kind: str, event: str | None, fields: Mapping[str, FieldValue]) -> BaseMessage:
    """wechatpy's object, by the lower-case kind and event; an UnknownMessage for what it never heard of.

    It writes defaults back into what it was given, so it gets a copy. Its attributes may raise ValueError on absurd values.
    """
    known = EVENT_TYPES.get(event) if kind == "event" else MESSAGE_TYPES.get(kind)
    return (known or UnknownMessage)(copy.deepcopy(dict(fields)))
