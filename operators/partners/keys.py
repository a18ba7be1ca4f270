"""Making, changing, renewing and revoking keys of the partner API, each with a row in the operation log."""

from datetime import timedelta

import asyncpg

from operators.desk import Desk
from operators.roles import Action
from partner_api import keys
from partner_api.keys import Key, NewKey


async def create_key(desk: Desk, name: str, scopes: list[str], store: str | None, per_minute: int) -> NewKey:
    """Make a key. Raises NotAllowed, KeyFault and EngineUnavailable."""
    await desk.require(Action.KEYS)

    async def create(connection: asyncpg.Connection) -> NewKey:
        made = await keys.create_key(connection, name, scopes, store, per_minute, desk.now())
        after = {
            "does": "new",
            "name": name,
            "scopes": list(made.key.scopes),
            "store": store,
            "per_minute": per_minute,
        }
        await desk.note(connection, Action.KEYS, made.key.id, after=after)
        return made

    return await desk.change(create)


async def change_key(
    desk: Desk, key_id: str, scopes: list[str], per_minute: int, reason: str = ""
) -> Key | None:
    """Change what a key may do, and how often, at once. None for an unknown or revoked key; raises as `create_key`."""
    await desk.require(Action.KEYS)

    async def change(connection: asyncpg.Connection) -> Key | None:
        old = await keys.key_of(connection, key_id)
        changed = await keys.change_key(connection, key_id, scopes, per_minute)
        if old is not None and changed is not None:
            before = {"scopes": list(old.scopes), "per_minute": old.per_minute}
            after = {"does": "change", "scopes": list(changed.scopes), "per_minute": per_minute}
            await desk.note(connection, Action.KEYS, key_id, before=before, after=after, reason=reason)
        return changed

    return await desk.change(change)


async def rotate_key(desk: Desk, key_id: str, *, grace: timedelta, reason: str = "") -> NewKey | None:
    """Give a key a new secret; the old one works for `grace` yet. None for an unknown or revoked key. Raises as `create_key`."""
    await desk.require(Action.KEYS)

    async def rotate(connection: asyncpg.Connection) -> NewKey | None:
        made = await keys.rotate_key(connection, key_id, desk.now(), grace=grace)
        if made is not None:
            after = {"does": "rotate", "grace_h": grace / timedelta(hours=1)}
            await desk.note(connection, Action.KEYS, key_id, after=after, reason=reason)
        return made

    return await desk.change(rotate)


async def revoke_key(desk: Desk, key_id: str, reason: str = "") -> Key | None:
    """Refuse a key from now on; `reason` stays in the operation log. None for an unknown key. Raises as `create_key`."""
    await desk.require(Action.KEYS)

    async def revoke(connection: asyncpg.Connection) -> Key | None:
        revoked = await keys.revoke_key(connection, key_id, desk.now())
        if revoked is not None:
            after = {"does": "revoke", "name": revoked.name}
            await desk.note(connection, Action.KEYS, key_id, after=after, reason=reason)
        return revoked

    return await desk.change(revoke)
