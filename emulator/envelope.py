"""The platform's side of signature and encryption (WeChat docs: 消息加解密说明). No I/O.

key = base64(EncodingAESKey + "="), iv = first 16 bytes of the key
full = random(16) || uint32_be(length) || message || appid, padded to blocks of 32, AES-256-CBC
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


class EnvelopeError(Exception):
    """The envelope was not made with this account's key and AppID."""


def sign(*parts: str) -> str:
    """Lower-case hex SHA-1 of the sorted parts: token, timestamp, nonce, and the ciphertext if there is one."""
    joined = "".join(sorted(parts)).encode()
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def signature_fits(given: str, *parts: str) -> bool:
    """Whether `given` is the signature of the parts; compared in constant time."""
    return hmac.compare_digest(given.encode(), sign(*parts).encode())


class Envelope:
    """Encrypts for and decrypts from `app_id`. Raises ValueError for a malformed EncodingAESKey."""

    def __init__(self, encoding_aes_key: str, app_id: str) -> None:
        if _AES_KEY.fullmatch(encoding_aes_key) is None:
            raise ValueError("EncodingAESKey is not 43 letters and digits")
        key = base64.b64decode(encoding_aes_key + "=")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
        self._app_id = app_id.encode()

    def encrypt(self, message: bytes, random: bytes | None = None) -> str:
        """The base64 ciphertext. Pass `random` (16 bytes) only to reproduce published test vectors."""
        full = (random or secrets.token_bytes(16)) + struct.pack(">I", len(message)) + message + self._app_id
        pad = _BLOCK - len(full) % _BLOCK
        encryptor = self._cipher.encryptor()
        return base64.b64encode(encryptor.update(full + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def decrypt(self, encrypted: str) -> str:
        """The message inside. Raises EnvelopeError for bad base64, length, padding, AppID or text."""
        full = _unpad(self._decrypt_blocks(encrypted))
        if len(full) < 20:
            raise EnvelopeError("too short")
        (length,) = struct.unpack(">I", full[16:20])
        message, app_id = full[20 : 20 + length], full[20 + length :]
        if not hmac.compare_digest(app_id, self._app_id):
            raise EnvelopeError("another account's AppID")
        try:
            return message.decode()
        except UnicodeDecodeError as error:
            raise EnvelopeError("not UTF-8") from error

    def _decrypt_blocks(self, encrypted: str) -> bytes:
        try:
            blocks = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise EnvelopeError("not base64") from error
        if not blocks or len(blocks) % 16:
            raise EnvelopeError("not whole blocks")
        decryptor = self._cipher.decryptor()
        return decryptor.update(blocks) + decryptor.finalize()


def _unpad(padded: bytes) -> bytes:
    pad = padded[-1]
    if not 1 <= pad <= _BLOCK or padded[-pad:] != bytes([pad]) * pad:
        raise EnvelopeError("bad padding")
    return padded[:-pad]
