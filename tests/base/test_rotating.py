"""Codes that change: the vectors of RFC 6238, and how long a password is accepted."""

from datetime import UTC, datetime, timedelta

import pytest
from typing_extensions import override

from base.rotating import DIGITS, STEP_S, is_password, rotating_code
from base.sealing import Keyring

VECTORS = [
    (59, "94287082"),
    (1_111_111_109, "07081804"),
    (1_111_111_111, "14050471"),
    (1_234_567_890, "89005924"),
    (2_000_000_000, "69279037"),
    (20_000_000_000, "65353130"),
]
"""RFC 6238, appendix B, for SHA-1: seconds since 1970, and the password."""
AT = datetime(2026, 3, 2, 2, 0, 10, tzinfo=UTC)
KEYS = Keyring("a key of sixteen chars")


class OfTheRfc(Keyring):
    """Every subject has the secret of the RFC's examples."""

    @override
    def hashes(self, plain: bytes, purpose: str) -> list[bytes]:
        return [b"12345678901234567890"]


@pytest.mark.parametrize(("at_s", "password"), VECTORS)
def test_the_examples_of_rfc_6238(at_s: int, password: str) -> None:
    now = datetime.fromtimestamp(at_s, UTC)
    shown = rotating_code(OfTheRfc(None), "any", "any", "8", now)
    assert shown.code == f"8{password}"
    assert shown.expires_at == datetime.fromtimestamp((at_s // STEP_S + 1) * STEP_S, UTC)
    assert is_password(OfTheRfc(None), "any", "any", password, now)


@pytest.mark.parametrize(
    ("later_s", "is_right"), [(-11, False), (0, True), (19, True), (20, True), (49, True), (50, False), (3600, False)]
)  # fmt: skip
def test_a_password_is_accepted_until_the_step_after_its_own_ends(later_s: int, is_right: bool) -> None:
    password = rotating_code(KEYS, "p", "s", "", AT).code
    assert len(password) == DIGITS
    assert is_password(KEYS, "p", "s", password, AT + timedelta(seconds=later_s)) is is_right


def test_a_password_belongs_to_one_subject_purpose_and_key() -> None:
    password = rotating_code(KEYS, "p", "s", "", AT).code
    assert not is_password(KEYS, "p", "t", password, AT)
    assert not is_password(KEYS, "q", "s", password, AT)
    assert not is_password(Keyring("another key of sixteen"), "p", "s", password, AT)
    assert is_password(Keyring("another key of sixteen", "a key of sixteen chars"), "p", "s", password, AT)
