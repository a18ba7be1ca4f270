"""`demo.json` in the data folder: the addresses of the demo and a partner key, so that a newcomer's program can try every API."""

import json
import os
from pathlib import Path
from typing import Final, TypedDict, cast

import asyncpg

from base.clock import Clock
from base.settings import Settings
from operators.desk import command_line_desk
from partner_api.keys import SCOPES, create_key, find_key
from runtime.demo.accounts import LOCALHOST
from runtime.demo.staff import Staff, hire
from runtime.resources import Resources

NAME: Final = "演示"
PER_MINUTE: Final = 100_000


class Doors(TypedDict):
    """What the file says."""

    server: str
    emulator: str
    console: str
    clerk: str
    partner_key: str
    operators: list[Staff]


def doors_path(settings: Settings) -> Path:
    """Where the file is."""
    return settings.data_dir / "demo.json"


async def open_doors(resources: Resources, store: str | None) -> Doors:
    """Write the file, readable for its owner alone, and return what it says. Key and operators stay while they are good.

    The clerk belongs to `store`; without one there is no clerk.
    """
    settings, clock = resources.settings, resources.clock
    path = doors_path(settings)
    known = _known(path)
    doors = Doors(
        server=f"http://{LOCALHOST}:{settings.http_port}",
        emulator=f"http://{LOCALHOST}:{settings.emulator_port}",
        console=f"http://{LOCALHOST}:{settings.console_port}",
        clerk=f"http://{LOCALHOST}:{settings.http_port}/clerk",
        partner_key=await _key(resources.pool, known, clock),
        operators=await hire(
            command_line_desk(resources), known.get("operators", []) if known else [], clock, store
        ),
    )
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(
        os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(doors, file, indent=2)
        file.write("\n")
    fresh.replace(path)
    return doors


async def _key(pool: asyncpg.Pool, known: Doors | None, clock: Clock) -> str:
    if known is not None and await find_key(pool, known["partner_key"], clock.now()) is not None:
        return known["partner_key"]
    return (await create_key(pool, NAME, list(SCOPES), None, PER_MINUTE, clock.now())).text


def _known(path: Path) -> Doors | None:
    try:
        return cast("Doors", json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
