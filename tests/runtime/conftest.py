"""What the program's own tests are given."""

import pytest


@pytest.fixture(scope="session")
def given(migrated_url: str, redis_url: str) -> dict[str, str]:
    """The addresses of this worker's database and Redis, as settings."""
    return {"DATABASE_URL": migrated_url, "REDIS_URL": redis_url}
