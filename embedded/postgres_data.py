"""PostgreSQL's data folder: created once by `initdb`, with a database called `jifen`."""

import os
import shutil
from pathlib import Path
from typing import IO

from embedded.account import Account, run_as
from embedded.binaries import POSTGRES_VERSION, postgres_programs
from embedded.errors import IncompatibleData, ServerStartFailed

NAME = "PostgreSQL"
# The builtin C.UTF-8 sorts in the same way on every machine, whatever locales it has.
LOCALE = ("--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")


def make_data(account: Account, home: Path, log: Path, *, fsync: bool) -> None:
    """Create `home/data` for `account` unless it exists. Raises IncompatibleData and ServerStartFailed."""
    data = home / "data"
    if data.exists():
        _check_version(data)
        return
    # Created under another name and renamed when complete, so that a crash leaves no incomplete data folder.
    fresh = home / "data.new"
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir(mode=0o700)
    os.chown(fresh, account.uid, account.gid)
    _initialise(account, fresh, log, fsync=fsync)
    fresh.rename(data)


def fresh_log(log: Path) -> IO[bytes]:
    """Open an empty log for writing; the previous one is kept as `….log.old`."""
    if log.exists():
        log.replace(log.with_suffix(".log.old"))
    return log.open("wb")


def _check_version(data: Path) -> None:
    version = data / "PG_VERSION"
    found = version.read_text(encoding="ascii").strip() if version.exists() else "？"
    if found != POSTGRES_VERSION:
        raise IncompatibleData(data, found, POSTGRES_VERSION)


def _initialise(account: Account, fresh: Path, log: Path, *, fsync: bool) -> None:
    programs = postgres_programs(account)
    sync = () if fsync else ("--no-sync",)
    initdb: list[str | Path] = [
        programs / "initdb",
        "-D",
        fresh,
        "-U",
        "jifen",
        "--auth=peer",
        *LOCALE,
        *sync,
    ]
    single: list[str | Path] = [programs / "postgres", "--single", "-D", fresh, "template1"]
    with fresh_log(log) as output:
        for command, stdin in ((initdb, ""), (single, "CREATE DATABASE jifen\n")):
            if run_as(account, command, cwd=fresh.parent, stdin=stdin, output=output) != 0:
                raise ServerStartFailed(NAME, log)
