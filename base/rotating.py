"""Codes that change every 30 seconds: a time-based one-time password (RFC 6238) of eight digits after the name of its subject.

The secret of each subject is computed from JIFEN_SECRET_KEY, so nothing is stored. The password of the step before is still
accepted, because showing and scanning takes time; anything older, such as a screenshot, is not.
"""

import base64
import hmac
from datetime import UTC, datetime
from typing import Final, NamedTuple

from pyotp import TOTP

from base.sealing import Keyring

STEP_S: Final = 30
DIGITS: Final = 8


class RotatingCode(NamedTuple):
    """A code, and the instant from which on another one is shown; it is accepted for one step longer."""

    code: str
    expires_at: datetime


def rotating_code(keyring: Keyring, purpose: str, subject: str, prefix: str, now: datetime) -> RotatingCode:
    """The subject's code at `now`: `prefix`, then the password. Raises KeyMissing."""
    step = int(now.timestamp()) // STEP_S
    password = _passwords(keyring, purpose, subject, step)[0]
    ends_at = datetime.fromtimestamp((step + 1) * STEP_S, UTC)
    return RotatingCode(prefix + password, ends_at.astimezone(now.tzinfo))


def is_password(keyring: Keyring, purpose: str, subject: str, offered: str, now: datetime) -> bool:
    """Whether it is the password that the subject shows at `now`, or showed one step before. Raises KeyMissing."""
    step = int(now.timestamp()) // STEP_S
    right = (*_passwords(keyring, purpose, subject, step), *_passwords(keyring, purpose, subject, step - 1))
    return any(hmac.compare_digest(offered, one) for one in right)


def _passwords(keyring: Keyring, purpose: str, subject: str, step: int) -> list[str]:
    """The passwords of a step under the present and the previous key."""
    secrets = keyring.hashes(subject.encode(), purpose)
    return [TOTP(base64.b32encode(one).decode(), digits=DIGITS).generate_otp(step) for one in secrets]
