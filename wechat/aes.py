"""The encrypted envelope of message push.

    full = random(16) + length of message (4 bytes, big endian) + message + app id
    Encrypt = base64(AES-256-CBC(key, iv = key[:16], PKCS#7 of full with blocks of 32))

Source: WeChat docs 消息加解密说明.
"""

import base64
import binascii
import hashlib
import re
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from wechat.errors import InvalidCredentials, PushForged

BLOCK_BYTES: Final = 32
_HEAD_BYTES: Final = 20
_KEY_TEXT: Final = re.compile(r"[A-Za-z0-9]{43}")


def sign(*parts: str) -> str:
    """Return the hex SHA-1 of the parts, sorted by bytes and joined: WeChat's signature over a push."""
    ordered = sorted(part.encode("utf-8", "surrogatepass") for part in parts)
    return hashlib.sha1(b"".join(ordered)).hexdigest()  # noqa: S324 - the platform prescribes SHA-1


def decode_key(encoding_aes_key: str) -> bytes:
    """Return the 32 bytes of an EncodingAESKey; surplus bits of its last character are ignored.

    Raises InvalidCredentials unless it is exactly 43 letters and digits.
    """
    if not _KEY_TEXT.fullmatch(encoding_aes_key):
        raise InvalidCredentials("EncodingAESKey must be exactly 43 letters and digits")
    return base64.b64decode(encoding_aes_key + "=")


def pad(data: bytes, block: int = BLOCK_BYTES) -> bytes:
    """Return the data padded to whole blocks by PKCS#7."""
    missing = block - len(data) % block
    return data + bytes([missing]) * missing


def unpad(data: bytes, block: int = BLOCK_BYTES) -> bytes:
    """Return the data without its PKCS#7 padding. Raises PushForged when a byte of the padding is wrong."""
    filled = data[-1] if data else 0
    if not 1 <= filled <= block or data[-filled:] != bytes([filled]) * filled:
        raise PushForged("padding")
    return data[:-filled]


def encrypt(key: bytes, app_id: str, message: str, random: bytes) -> str:
    """Return the `Encrypt` text of a message; `random` is 16 fresh random bytes."""
    content = message.encode()
    full = random + len(content).to_bytes(4, "big") + content + app_id.encode()
    encryptor = _cipher(key).encryptor()
    return base64.b64encode(encryptor.update(pad(full)) + encryptor.finalize()).decode()


def decrypt(key: bytes, app_id: str, encrypted: str) -> bytes:
    """Return the message inside an `Encrypt` text. Raises PushForged for every kind of fault."""
    full = unpad(_decipher(key, encrypted))
    length = int.from_bytes(full[16:_HEAD_BYTES], "big")
    if len(full) < _HEAD_BYTES + length:
        raise PushForged("length")
    if full[_HEAD_BYTES + length :] != app_id.encode():
        raise PushForged("app id")
    return full[_HEAD_BYTES : _HEAD_BYTES + length]


def _decipher(key: bytes, encrypted: str) -> bytes:
    try:
        data = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError):
        raise PushForged("base64") from None
    if not data or len(data) % 16:
        raise PushForged("cipher length")
    decryptor = _cipher(key).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def _cipher(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
