"""The wire format of a push: XML or JSON, plain, compatible or safe mode, and the signed query. No I/O.

Source: WeChat docs, 消息推送 and 消息加解密说明.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from emulator.characters import raw_bytes, raw_json
from emulator.config import DataFormat, MessageMode
from emulator.envelope import Envelope, sign
from emulator.events import Fields

_LISTS = ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent")


@dataclass(frozen=True)
class PushKeys:
    """The keys that sign and encrypt the pushes of one account."""

    token: str
    encoding_aes_key: str
    app_id: str

    @property
    def envelope(self) -> Envelope:
        """The codec of this key and AppID."""
        return Envelope(self.encoding_aes_key, self.app_id)


@dataclass(frozen=True)
class Push:
    """One request to the webhook."""

    query: dict[str, str]
    body: bytes
    content_type: str


def build_push(fields: Fields, keys: PushKeys, mode: MessageMode, form: DataFormat, timestamp: int) -> Push:
    """The request for these fields at `timestamp` (seconds), with a new nonce and new random bytes."""
    stamp, nonce = str(timestamp), str(secrets.randbelow(2_000_000_000) + 1)
    write = write_json if form == "json" else write_xml
    query = {
        "signature": sign(keys.token, stamp, nonce),
        "timestamp": stamp,
        "nonce": nonce,
        "openid": str(fields["FromUserName"]),
    }
    content_type = "application/json" if form == "json" else "text/xml"
    if mode == "plain":
        return Push(query, raw_bytes(write(fields)), content_type)
    encrypted = keys.envelope.encrypt(raw_bytes(write(fields)))
    query |= {"encrypt_type": "aes", "msg_signature": sign(keys.token, stamp, nonce, encrypted)}
    shown = fields if mode == "compatible" else {"ToUserName": fields["ToUserName"]}
    return Push(query, raw_bytes(write({**shown, "Encrypt": encrypted})), content_type)


def write_xml(fields: Mapping[str, object]) -> str:
    """The XML form: text in CDATA, numbers without. A member's text stands there as it came, as on the platform."""
    return f"<xml>{_elements(fields)}</xml>"


def write_json(fields: Mapping[str, object]) -> str:
    """The JSON form. A subscription event has its list as `List` at the top level; a single entry is an object, not a list."""
    flat: Fields = {}
    for name, value in fields.items():
        if name in _LISTS and isinstance(value, Mapping):
            entries = value["List"]
            flat["List"] = entries[0] if len(entries) == 1 else entries
        else:
            flat[name] = value
    return raw_json(json.dumps(flat, ensure_ascii=False))


def _elements(fields: Mapping[str, object]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(_element(name, entry) for entry in value)
    if isinstance(value, Mapping):
        return f"<{name}>{_elements(value)}</{name}>"
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    return f"<{name}><![CDATA[{value}]]></{name}>"
