"""The six-digit codes of an authenticator app (RFC 6238): a code is accepted one step early or late, and once."""

import hmac
import re
from datetime import datetime
from typing import Final

import asyncpg
from pyotp import TOTP, random_base32

from base.sealing import Keyring, Sealed

STEP_S: Final = 30
ISSUER: Final = "积分 Jifen"
UNDER_ANOTHER_KEY: Final = """
SELECT operator_id, totp_sealed, totp_key_id FROM operator WHERE totp_key_id <> $1 ORDER BY operator_id LIMIT $2
"""
SEAL_AGAIN: Final = """
UPDATE operator SET totp_sealed = $2, totp_key_id = $3 WHERE operator_id = $1 AND totp_sealed = $4
"""
_FORM: Final = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """A fresh secret in base 32, which the app is given."""
    return random_base32()


def address(secret: str, name: str) -> str:
    """The `otpauth://` address for the app, to be shown as a QR code."""
    return TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step whose code this is, of those before, at and after `now`; None if it is none of theirs."""
    typed = re.sub(r"\s", "", code)
    if not _FORM.fullmatch(typed):
        return None
    present, password = int(now.timestamp()) // STEP_S, TOTP(secret)
    found = [
        step
        for step in (present - 1, present, present + 1)
        if hmac.compare_digest(password.generate_otp(step), typed)
    ]
    return found[-1] if found else None


def seal(keyring: Keyring, operator_id: int, secret: str) -> Sealed:
    """The secret as the database keeps it. Raises KeyMissing."""
    return keyring.seal(secret.encode(), _owner(operator_id))


def unseal(keyring: Keyring, operator_id: int, sealed: Sealed) -> str:
    """The secret of this operator. Raises KeyMissing and SealBroken."""
    return keyring.unseal(sealed, _owner(operator_id)).decode()


async def seal_secrets_again(connection: asyncpg.Connection, keyring: Keyring, limit: int) -> int:
    """Seal up to `limit` secrets that are under another key with the present one; how many. Raises SealingError."""
    rows = await connection.fetch(UNDER_ANOTHER_KEY, keyring.present_id, limit)
    for row in rows:
        operator_id, old = row["operator_id"], Sealed(row["totp_key_id"], row["totp_sealed"])
        new = seal(keyring, operator_id, unseal(keyring, operator_id, old))
        await connection.execute(SEAL_AGAIN, operator_id, new.sealed, new.key_id, old.sealed)
    return len(rows)


def _owner(operator_id: int) -> str:
    return f"operator:{operator_id}"
