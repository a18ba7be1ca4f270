"""wechatpy's message and event classes: the class of a push, and the fields it declares.

wechatpy's own parser raises for faults in fields that nobody reads, so we read the fields ourselves (wechat/body.py) and hand
them to its class. The class converts a field when its attribute is read: numbers, dates and Base64 may raise then, texts never do.
"""

from collections.abc import Mapping
from typing import Final

from wechatpy.events import EVENT_TYPES
from wechatpy.fields import StringField
from wechatpy.messages import MESSAGE_TYPES, BaseMessage, UnknownMessage

from wechat.fields import FieldValue

_SCENE_PREFIX: Final = "qrscene_"


def typed(kind: str, event: str | None, fields: Mapping[str, FieldValue]) -> BaseMessage:
    """Return wechatpy's object for a push of this lower-case kind and event, or an UnknownMessage.

    It gets a copy of the fields, because it writes defaults into them. As in wechatpy's parser, a follow by a scanned code
    is a SubscribeScanEvent, whose `scene_id` has no prefix. Never raises; the object's attributes may.
    """
    own = dict(fields)
    key = own.get("EventKey")
    if event == "subscribe" and isinstance(key, str) and key.startswith(_SCENE_PREFIX):
        event, own["EventKey"] = "subscribe_scan", key.removeprefix(_SCENE_PREFIX)
    known = EVENT_TYPES.get(event) if kind == "event" else MESSAGE_TYPES.get(kind)
    return (known or UnknownMessage)(own)


def text_of(message: BaseMessage, attribute: str) -> str | None:
    """Return a text that the message's class declares; None if it declares no such text or the push has no text there."""
    declared = message._fields.get(attribute)
    if type(declared) is not StringField:
        return None
    value = getattr(message, attribute)
    return value if isinstance(value, str) else None


def field_name(message: BaseMessage, attribute: str) -> str | None:
    """Return the name of the field behind an attribute of the message's class; None if it declares no such attribute."""
    declared = message._fields.get(attribute)
    return declared.name if declared is not None else None
