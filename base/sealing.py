"""Sealing of secrets at rest: AES-256-GCM with a key derived from JIFEN_SECRET_KEY; and keyed hashes, by which they are found.

A seal names its key by an id, which tells values under the present and the previous key apart while a key is being replaced.
"""

import hmac
import secrets
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
_ID_BYTES: Final = 8


class SealingError(Exception):
    """A secret cannot be sealed or unsealed; the message is one Chinese sentence for the operator."""


class KeyMissing(SealingError):
    """The key is not among those that the settings give."""


class SealBroken(SealingError):
    """The sealed bytes were changed, or belong to something else."""


class Sealed(NamedTuple):
    """Sealed bytes, with the id of their key."""

    key_id: str
    sealed: bytes


class Keyring:
    """The keys of an installation: it seals with the present one, and unseals with the present and the previous one."""

    def __init__(self, secret: str | None, previous: str | None = None) -> None:
        """`secret` is JIFEN_SECRET_KEY, `previous` is JIFEN_SECRET_KEY_PREVIOUS; None where a command was given none."""
        self._present = _derive(secret) if secret else None
        known = [self._present, _derive(previous) if previous else None]
        self._ciphers = dict(one for one in known if one is not None)
        self._hash_keys = [_hash_key(one) for one in (secret, previous) if one]

    @property
    def ids(self) -> list[str]:
        """The ids of the keys that can unseal."""
        return list(self._ciphers)

    @property
    def present_id(self) -> str:
        """The id of the key that seals. Raises KeyMissing."""
        if self._present is None:
            raise KeyMissing("JIFEN_SECRET_KEY 没有设置，而抽奖的种子、会员的手机号要用它封存。")
        return self._present[0]

    def hashes(self, plain: bytes, purpose: str) -> list[bytes]:
        """The keyed hash (32 bytes) of `plain` under the present key, then that under the previous one, if there is one.

        Hashes of one purpose tell nothing about those of another. Raises KeyMissing.
        """
        if self._present is None:
            raise KeyMissing("JIFEN_SECRET_KEY 没有设置，而手机号和会员码要用它计算。")
        return [hmac.digest(key, purpose.encode() + b"\0" + plain, "sha256") for key in self._hash_keys]

    def seal(self, plain: bytes, bound_to: str) -> Sealed:
        """`plain`, sealed so that it can be unsealed only for `bound_to`, the name of what it belongs to. Raises KeyMissing."""
        cipher, nonce = self._ciphers[self.present_id], secrets.token_bytes(_NONCE_BYTES)
        return Sealed(self.present_id, nonce + cipher.encrypt(nonce, plain, bound_to.encode()))

    def unseal(self, sealed: Sealed, bound_to: str) -> bytes:
        """The secret that was sealed for `bound_to`. Raises KeyMissing and SealBroken."""
        cipher = self._ciphers.get(sealed.key_id)
        if cipher is None:
            raise KeyMissing(
                f"有内容是用另一把密钥（编号 {sealed.key_id}）封存的：请把原来的 JIFEN_SECRET_KEY 写进 JIFEN_SECRET_KEY_PREVIOUS。"
            )
        nonce, text = sealed.sealed[:_NONCE_BYTES], sealed.sealed[_NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, text, bound_to.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"封存的内容被改动过：{bound_to}。") from error


NO_KEYS: Final = Keyring(None)
"""The keyring of a program that was given no key: it can neither seal nor unseal."""


def _derive(secret: str) -> tuple[str, AESGCM]:
    """The id of a secret's key, which tells nothing about the key, and its cipher."""
    derived = HKDF(SHA256(), _KEY_BYTES + _ID_BYTES, salt=None, info=b"jifen: sealing at rest").derive(
        secret.encode()
    )
    return derived[_KEY_BYTES:].hex(), AESGCM(derived[:_KEY_BYTES])


def _hash_key(secret: str) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"jifen: keyed hashes").derive(secret.encode())
