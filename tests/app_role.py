"""A database role as a real installation gives it to the application: it owns nothing and has what `grant_all` grants."""

import asyncio
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from loyalty.schema import GRANTS
from models.grants import grant_all
from tests.conftest import run_sql


@dataclass(frozen=True)
class AppRole:
    """The role's name, its address of the database, and the owner's."""

    name: str
    url: str
    owner_url: str


@contextmanager
def app_role(owner_url: str, *, granted: bool = True, options: str = "") -> Iterator[AppRole]:
    """A role for as long as the block runs, with its rights unless not `granted`."""
    name, password = f"jifen_app_{secrets.token_hex(4)}", secrets.token_hex(8)
    run_sql(owner_url, f"CREATE ROLE {name} LOGIN PASSWORD '{password}' {options}")
    try:
        if granted:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(asyncio.run, grant_all(owner_url, name, GRANTS)).result()
        yield AppRole(name, as_user(owner_url, f"{name}:{password}"), owner_url)
    finally:
        run_sql(owner_url, f"DROP OWNED BY {name}")
        run_sql(owner_url, f"DROP ROLE {name}")


def as_user(url: str, user: str) -> str:
    """The same database for another user (`name:password`)."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{user}@{parts.netloc.rpartition('@')[2]}").geturl()
