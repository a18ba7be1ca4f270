"""wechatpy's own reading of an XML push, from its bytes on: independent of ours, for the tests to compare with."""

from wechatpy import parse_message
from wechatpy.messages import BaseMessage


def understood(body: str) -> BaseMessage:
    """wechatpy's object; an UnknownMessage for what it has never heard of.

    It raises whatever it stumbles over in a malformed body, and so may its attributes.
    """
    return parse_message(body)
