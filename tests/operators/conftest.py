"""Cheap password hashes: a test logs in dozens of times, and each hash of a server takes 64 MiB."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from operators.access import passwords


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=1024, parallelism=1))
    passwords.decoy.cache_clear()
    yield
    passwords.decoy.cache_clear()
