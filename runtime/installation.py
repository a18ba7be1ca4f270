"""The check before every command that its database belongs to these settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
from tortoise.exceptions import DBConnectionError

from base.settings import Settings, SettingsError
from models.database import open_pool
from models.installation import Binding, bind, check_binding, check_free_for_demo
from models.installation import rebind as rebind_database


def binding_of(settings: Settings) -> Binding:
    """The installation to which a process with these settings would tie its database."""
    return Binding(settings.oa_app_id, settings.miniapp_app_id, settings.timezone.key, settings.is_demo)


async def check_installation(settings: Settings, *, first: bool) -> None:
    """Raise WrongDatabase, or DBConnectionError when the database cannot be reached.

    With `first` a database that is tied to nothing yet is tied to these settings, if they name both accounts.
    """
    present = binding_of(settings)
    async with _connected(settings) as pool:
        if first and present.is_complete:
            await bind(pool, present, datetime.now(UTC))
        else:
            await check_binding(pool, present)


async def check_demo(settings: Settings, *, named: bool) -> None:
    """Raise WrongDatabase for a database that is not the demo's; `named`: the operator has named it. Raises as above."""
    async with _connected(settings) as pool:
        await check_free_for_demo(pool, binding_of(settings), named=named)


async def rebind(settings: Settings, reason: str) -> tuple[Binding | None, Binding]:
    """Tie the database to these settings from now on: what it was tied to before, and what it is tied to now.

    Raises SettingsError when an account is not set, and WrongDatabase.
    """
    present = binding_of(settings)
    if not present.is_complete:
        raise SettingsError(["JIFEN_OA_APP_ID 和 JIFEN_MINIAPP_APP_ID 要先设置好。"])
    async with _connected(settings) as pool:
        return await rebind_database(pool, present, datetime.now(UTC), reason), present


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[asyncpg.Pool]:
    try:
        async with open_pool(settings.database_url or "", size=1) as pool:
            yield pool
    except OSError as error:
        raise DBConnectionError(type(error).__name__) from error
