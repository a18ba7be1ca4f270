"""Opens the pushes of WeChat and seals the replies. No I/O: bytes in, values out.

Source: WeChat docs 消息推送 (接入概述, 消息加解密说明).
"""

import hmac
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeAlias

from multidict import MultiMapping

from wechat.aes import decode_key, decrypt, encrypt, sign
from wechat.body import read_body
from wechat.envelope import read_envelope
from wechat.errors import InvalidCredentials, PushForged, PushMalformed, PushStale
from wechat.fields import BodyFormat
from wechat.messages import Push, parse_push
from wechat.text import cdata

Query: TypeAlias = dict[str, str] | MultiMapping[str]
MessageMode: TypeAlias = Literal["plain", "compatible", "safe"]

MAX_SKEW_S: Final = 600
SUCCESS: Final = "success"

_TOKEN: Final = re.compile(r"[A-Za-z0-9]{3,32}")
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_MAX_ECHO_CHARS: Final = 1024
_NEVER_ENCRYPTED: Final = ("", SUCCESS)


@dataclass(frozen=True, slots=True)
class OpenedPush:
    """A verified and parsed push; a plain one is verified by the signature over its query only, not over its body.

    `format` is how the outer body was written; `key` is the AES key that decrypted it, None for a plain push.
    """

    push: Push
    format: BodyFormat
    key: bytes | None = field(repr=False)

    @property
    def encrypted(self) -> bool:
        """Whether the push was encrypted, so that the reply must be encrypted too."""
        return self.key is not None


class PushCodec:
    """Verifies, decrypts and encrypts with one account's token and keys.

    Modes `safe` and `compatible` accept encrypted pushes only: otherwise one captured query string, without its `encrypt_type`,
    would authorise any forged plain body. `plain` accepts plain pushes, and encrypted ones if there is a key, so that no push is
    lost while the mode is changed on the platform. The previous key decrypts pushes sent before a change of keys.
    """

    def __init__(
        self,
        app_id: str,
        token: str,
        encoding_aes_key: str | None,
        previous_encoding_aes_key: str | None = None,
        mode: MessageMode = "safe",
    ) -> None:
        if not app_id:
            raise InvalidCredentials("the app id is empty")
        if not _TOKEN.fullmatch(token):
            raise InvalidCredentials("the token must be 3 to 32 letters and digits")
        if not encoding_aes_key and mode != "plain":
            raise InvalidCredentials(f"mode {mode} needs an EncodingAESKey")
        if mode not in ("plain", "compatible", "safe"):
            raise InvalidCredentials("the mode must be plain, compatible or safe")
        self._app_id = app_id
        self._token = token
        self._keys = [decode_key(text) for text in (encoding_aes_key, previous_encoding_aes_key) if text]
        self._mode = mode

    def verify_url(self, query: Query) -> str:
        """Return the echostr with which to answer the platform's GET, as text/plain.

        Raises PushError when the signature is wrong or a parameter is missing.
        """
        self._check(query, "signature")
        echo = _param(query, "echostr")
        if len(echo) > _MAX_ECHO_CHARS:
            raise PushMalformed("echostr is too long")
        return echo

    def open(self, query: Query, body: bytes, now: datetime) -> OpenedPush:
        """Return the push of a POST, after checking its time and signature.

        Raises PushError, and nothing else, for every kind of fault.
        """
        _check_time(_param(query, "timestamp"), now)
        if self._is_encrypted(query):
            return self._open_encrypted(query, body)
        if self._mode != "plain":
            raise PushForged(f"plain push in {self._mode} mode")
        self._check(query, "signature")
        fields, body_format = read_body(body)
        return OpenedPush(parse_push(fields, body_format), body_format, key=None)

    def seal(self, opened: OpenedPush, reply: str, now: datetime, nonce: str | None = None) -> str:
        """Return the response body: encrypted with the key that decrypted the push, or plain for a plain push.

        `success` and the empty reply are never encrypted.
        """
        if opened.key is None or reply.strip() in _NEVER_ENCRYPTED:
            return reply
        encrypted = encrypt(opened.key, self._app_id, reply, secrets.token_bytes(16))
        timestamp = str(int(now.timestamp()))
        nonce = nonce if nonce is not None else str(secrets.randbelow(10**10))
        signature = sign(self._token, timestamp, nonce, encrypted)
        write = _json_envelope if opened.format == "json" else _xml_envelope
        return write(encrypted, signature, timestamp, nonce)

    def _is_encrypted(self, query: Query) -> bool:
        kind = _param(query, "encrypt_type", "raw")
        if kind not in ("aes", "raw", ""):
            raise PushMalformed("unknown encrypt_type")
        return kind == "aes"

    def _open_encrypted(self, query: Query, body: bytes) -> OpenedPush:
        candidates, body_format = read_envelope(body)
        encrypted = self._signed(query, candidates)
        message, key = self._decrypt(encrypted)
        fields, message_format = read_body(message)
        return OpenedPush(parse_push(fields, message_format), body_format, key)

    def _signed(self, query: Query, candidates: list[str]) -> str:
        """The candidate that `msg_signature` is for. Raises PushForged when there is none."""
        for encrypted in candidates:
            if self._fits(query, "msg_signature", encrypted):
                return encrypted
        raise PushForged("msg_signature")

    def _check(self, query: Query, name: str) -> None:
        if not self._fits(query, name):
            raise PushForged(name)

    def _fits(self, query: Query, name: str, *signed: str) -> bool:
        expected = sign(self._token, _param(query, "timestamp"), _param(query, "nonce"), *signed)
        given = _param(query, name).encode("utf-8", "surrogatepass")
        return hmac.compare_digest(given, expected.encode())

    def _decrypt(self, encrypted: str) -> tuple[bytes, bytes]:
        reason = "no key"
        for key in self._keys:
            try:
                return decrypt(key, self._app_id, encrypted), key
            except PushForged as error:
                reason = error.reason
        raise PushForged(reason)


def _param(query: Query, name: str, default: str | None = None) -> str:
    """The value of a parameter. Raises PushMalformed for a repeated name, as either value could be the forged one."""
    values = ([query[name]] if name in query else []) if isinstance(query, dict) else query.getall(name, [])
    if not values and default is not None:
        return default
    if len(values) != 1 or not isinstance(values[0], str):
        raise PushMalformed(f"{name} must come once")
    return values[0]


def _check_time(timestamp: str, now: datetime) -> None:
    if not _TIMESTAMP.fullmatch(timestamp):
        raise PushMalformed("timestamp is no number")
    if abs(now.timestamp() - int(timestamp)) > MAX_SKEW_S:
        raise PushStale(f"timestamp {timestamp}")


def _json_envelope(encrypted: str, signature: str, timestamp: str, nonce: str) -> str:
    envelope = {
        "Encrypt": encrypted,
        "MsgSignature": signature,
        "TimeStamp": int(timestamp),
        "Nonce": nonce,
    }
    return json.dumps(envelope, ensure_ascii=False)


def _xml_envelope(encrypted: str, signature: str, timestamp: str, nonce: str) -> str:
    return (
        f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
    )
