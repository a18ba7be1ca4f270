"""Good pushes to turn bad: messages of every kind, and a lock that can be made to lie."""

import base64
import struct
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from emulator.envelope import sign
from emulator.wire import write_json, write_xml
from tests.emulator.harness import AES_KEY, OA_APP_ID
from tests.house import EMULATOR
from tests.ledger import START

TOKEN: Final = EMULATOR["oa_token"]
STAMP: Final = int(START.timestamp())
_KEY: Final = base64.b64decode(AES_KEY + "=")
_BLOCK: Final = 32

Query: TypeAlias = list[tuple[str, str]]

_CHOICES = {"List": [{"TemplateId": "T1", "SubscribeStatusString": "accept", "PopupScene": "1"}] * 2}
_SENT = {
    "List": [{"TemplateId": "T1", "MsgID": "1700827132819554304", "ErrorCode": "0", "ErrorStatus": "success"}]
}
_COMMON = {"ToUserName": "gh_house", "FromUserName": "oMutant", "CreateTime": STAMP}
_BODIES: Final[list[dict[str, object]]] = [
    {"MsgType": "text", "Content": "签到", "MsgId": 24_000_000_000_000_001},
    {"MsgType": "text", "Content": "兑换 2", "MsgId": 24_000_000_000_000_002},
    {
        "MsgType": "voice",
        "MediaId": "m",
        "Format": "amr",
        "Recognition": "积分",
        "MsgId": 24_000_000_000_000_003,
    },
    {"MsgType": "image", "PicUrl": "http://127.0.0.1/p.jpg", "MediaId": "m", "MsgId": 24_000_000_000_000_004},
    {
        "MsgType": "location",
        "Location_X": "23.1",
        "Location_Y": "113.3",
        "Scale": 20,
        "Label": "x",
        "MsgId": 5,
    },
    {"MsgType": "event", "Event": "subscribe", "EventKey": "qrscene_inv_abcd2345", "Ticket": "gQ1"},
    {"MsgType": "event", "Event": "unsubscribe"},
    {"MsgType": "event", "Event": "SCAN", "EventKey": "inv_abcd2345", "Ticket": "gQ1"},
    {"MsgType": "event", "Event": "CLICK", "EventKey": "规则"},
    {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": 200_163_840, "Status": "success"},
    {"MsgType": "event", "Event": "subscribe_msg_popup_event", "SubscribeMsgPopupEvent": _CHOICES},
    {"MsgType": "event", "Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": _SENT},
    {"MsgType": "event", "Event": "user_authorization_revoke", "OpenID": "oReal", "RevokeInfo": "1"},
]
MESSAGES: Final[list[tuple[bytes, str]]] = [
    (write(_COMMON | body).encode(), form)
    for body in _BODIES
    for write, form in ((write_xml, "xml"), (write_json, "json"))
]
"""Good messages, and the form each is written in."""


def sealed(
    message: bytes, app_id: str = OA_APP_ID, *, length: int | None = None, padding: bytes | None = None
) -> bytes:
    """The base64 ciphertext of a message, with a length and padding that may lie."""
    head = b"0123456789abcdef" + struct.pack(">I", len(message) if length is None else length)
    full = head + message + app_id.encode()
    missing = _BLOCK - len(full) % _BLOCK
    return ciphered(full + (bytes([missing]) * missing if padding is None else padding))


def ciphered(full: bytes) -> bytes:
    """Whole blocks as they are, padded or not; the rest of a last one is filled with zeros."""
    full += b"\0" * (-len(full) % 16)
    encryptor = Cipher(algorithms.AES(_KEY), modes.CBC(_KEY[:16])).encryptor()
    return base64.b64encode(encryptor.update(full) + encryptor.finalize())


def posted(encrypted: bytes, form: str) -> tuple[Query, bytes]:
    """A request whose signature fits the ciphertext, whatever that is."""
    text = encrypted.decode("utf-8", "replace")
    write = write_json if form == "json" else write_xml
    return signed(text), write({"ToUserName": "gh_house", "Encrypt": text}).encode()


def signed(encrypted: str | None = None, stamp: str = str(STAMP), nonce: str = "415670741") -> Query:
    """A query as the platform signs it."""
    query = [
        ("signature", sign(TOKEN, stamp, nonce)),
        ("timestamp", stamp),
        ("nonce", nonce),
        ("openid", "oMutant"),
    ]
    if encrypted is not None:
        query += [("encrypt_type", "aes"), ("msg_signature", sign(TOKEN, stamp, nonce, encrypted))]
    return query
