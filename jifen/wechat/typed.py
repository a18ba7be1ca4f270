"""wechatpy's message and event classes, as one adapter: which class a push is of, and what its class says of it.

wechatpy converts when an attribute is read, writes defaults back into what it was given, and knows no unknown classes'
fields; so it gets a copy, and texts are checked to be texts.
"""

import copy
from collections.abc import Mapping

from wechatpy.events import EVENT_TYPES
from wechatpy.messages import MESSAGE_TYPES, BaseMessage, UnknownMessage

from jifen.wechat.body import FieldValue
from jifen.wechat.errors import PushMalformed


def typed(kind: str, event: str | None, fields: Mapping[str, FieldValue]) -> BaseMessage:
    """wechatpy's view of the fields, by the lower-case kind and event; an UnknownMessage for what it never heard of.

    Its attributes may raise ValueError on absurd values.
    """
    known = EVENT_TYPES.get(event) if kind == "event" else MESSAGE_TYPES.get(kind)
    own = {name: value if isinstance(value, str) else copy.deepcopy(value) for name, value in fields.items()}
    return (known or UnknownMessage)(own)


def told(view: BaseMessage, attribute: str) -> str | None:
    """A text the view's class declares; None where it has none. Raises PushMalformed where it came as something else."""
    value = getattr(view, attribute, None)
    if value is not None and not isinstance(value, str):
        raise PushMalformed(f"{attribute} is no text")
    return value
