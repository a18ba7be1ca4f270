"""Seeds at rest: the seed of an open round is stored sealed, and in plain text only once its round is over.

A round may be drawn on only in the database that it was opened in. In a copy that was restored from a backup its seed may be known:
members may have seen draws of it that the copy does not have, or its reveal. `HERE` tells such a copy by what a restore changes:
the cluster's system identifier, its timeline, the database, or the table.
"""

import secrets
from typing import Final, NamedTuple

import asyncpg

from base.sealing import Keyring, Sealed, SealingError
from loyalty.games.fairness import commitment

SEED_BYTES: Final = 32

HERE: Final = """(
    SELECT concat_ws('/', s.system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), d.oid,
        'public.wheel_round'::regclass::oid)
    FROM pg_control_system() s, pg_database d WHERE d.datname = current_database()
)"""
"""An SQL expression: the name of this database, which a restored copy does not share."""


class Seed(NamedTuple):
    """A new round's seed: its public commitment, and the seed itself under seal."""

    commitment: bytes
    sealed: Sealed


def new_seed(wheel: str, keyring: Keyring) -> Seed:
    """A fresh seed for a round of the wheel. Raises KeyMissing."""
    seed = secrets.token_bytes(SEED_BYTES)
    return Seed(commitment(seed), keyring.seal(seed, _owner(wheel, commitment(seed))))


def open_seed(row: asyncpg.Record, keyring: Keyring) -> bytes:
    """The seed of a round's row, which has `wheel`, `commitment`, `key_id` and `sealed_seed`. Raises KeyMissing, SealBroken."""
    sealed = Sealed(row["key_id"], bytes(row["sealed_seed"]))
    return keyring.unseal(sealed, _owner(row["wheel"], bytes(row["commitment"])))


def seal_again(row: asyncpg.Record, keyring: Keyring) -> Sealed:
    """The seed of such a row under the present key. Raises KeyMissing, SealBroken."""
    return keyring.seal(open_seed(row, keyring), _owner(row["wheel"], bytes(row["commitment"])))


def seed_if_known(row: asyncpg.Record, keyring: Keyring) -> bytes | None:
    """The seed of such a row; None when its seal cannot be opened."""
    try:
        return open_seed(row, keyring)
    except SealingError:
        return None


def _owner(wheel: str, committed: bytes) -> str:
    return f"wheel_round:{wheel}:{committed.hex()}"
