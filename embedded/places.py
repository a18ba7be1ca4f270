"""The folders: sockets in a short private one, PostgreSQL's data where its user can reach them.

Sockets. A Unix socket's path has at most 107 bytes, so they live in a fresh `/tmp/jifen-…` recorded in
`DATA_DIR/run`. `mkdtemp` makes the folder, so that no other user can prepare it. It is used again only while it is
a real folder of ours that others cannot write to, and while its `belongs-to` file names this DATA_DIR.

Data. They live in `DATA_DIR/postgres`, unless we are root and the unprivileged user PostgreSQL runs as
cannot enter the parents of DATA_DIR (`/root` is closed to others). We change no permissions. The data are then in a folder
under `/var/lib/jifen`, which survives restarts, and `DATA_DIR/postgres-location` records which. That folder names its DATA_DIR in
turn, so a moved DATA_DIR keeps its data, and a copied one cannot open those of the original.
"""

import logging
import os
import shutil
import stat
import tempfile
from pathlib import Path

from embedded.account import Account, can_enter
from embedded.errors import DataUnreachable, ServersError

logger = logging.getLogger(__name__)

ROOT_HOME = Path("/var/lib/jifen")
OWNER_FILE = "belongs-to"


def make_data_dir(path: Path) -> Path:
    """Make DATA_DIR if it is not there and return it resolved; an existing one keeps its permissions."""
    path = path.resolve()
    if not path.exists():
        # Others may enter root's new folder but not list it, because PostgreSQL's user must reach `postgres` in it.
        _make_folder(path, 0o711 if os.geteuid() == 0 else 0o700)
    (path / "log").mkdir(mode=0o700, exist_ok=True)
    return path


def socket_folder(data_dir: Path) -> Path:
    """Return the folder of this DATA_DIR's sockets: the recorded one if it is still safe to use, else a new one."""
    recorded = _recorded(data_dir / "run")
    if recorded and _is_ours_alone(recorded) and _recorded(recorded / OWNER_FILE) == data_dir:
        return recorded
    folder = Path(tempfile.mkdtemp(prefix="jifen-", dir="/tmp"))
    _record(folder / OWNER_FILE, data_dir)
    _record(data_dir / "run", folder)
    return folder


def forget_socket_folder(data_dir: Path) -> None:
    """Delete the socket folder and its record, after the servers have stopped."""
    shutil.rmtree(socket_folder(data_dir))
    (data_dir / "run").unlink()


def postgres_home(data_dir: Path, account: Account) -> Path:
    """Return the folder that holds PostgreSQL's data folder and that `account` can enter; make it if there is none.

    Raises DataUnreachable when the data are gone, when the account cannot reach them, or when they belong to another DATA_DIR.
    """
    recorded = _recorded(data_dir / "postgres-location")
    home = recorded or data_dir / "postgres"
    if recorded:
        _check_owner(recorded, data_dir)
    elif not home.exists():
        home = _new_home(data_dir, account)
    if not can_enter(account, home):
        raise DataUnreachable(
            f"PostgreSQL 的数据在 {home}，但运行它的用户 {account.name} 进不去，请检查上级文件夹的权限"
        )
    return home


def existing_home(data_dir: Path) -> Path | None:
    """Return the folder that holds PostgreSQL's data folder, or None when there is none yet."""
    home = _recorded(data_dir / "postgres-location") or data_dir / "postgres"
    return home if home.exists() else None


def forget_postgres_home(data_dir: Path) -> None:
    """Delete PostgreSQL's data and the record of their place; an interrupted `initdb` may be deleting them at the same time."""
    home = existing_home(data_dir)
    if home:
        shutil.rmtree(home, onerror=_unless_gone)
    (data_dir / "postgres-location").unlink(missing_ok=True)


def _unless_gone(
    _function: object, _path: str, info: tuple[type[BaseException], BaseException, object]
) -> None:
    if not isinstance(info[1], FileNotFoundError):
        raise info[1]


def root_home() -> Path:
    """Return `/var/lib/jifen`; make it if it does not exist. Raises ServersError when other users could write to it."""
    if not ROOT_HOME.exists():
        _make_folder(ROOT_HOME, 0o755)
    if not _is_ours_alone(ROOT_HOME):
        raise ServersError(f"{ROOT_HOME} 应当属于 root 且别人不能写入，请检查它的归属和权限")
    return ROOT_HOME


def _new_home(data_dir: Path, account: Account) -> Path:
    if can_enter(account, data_dir):
        home = data_dir / "postgres"
        _make_folder(home, 0o700 if account.is_us else 0o711)
        return home
    home = Path(tempfile.mkdtemp(prefix=f"{data_dir.name}-", dir=root_home()))
    home.chmod(0o711)
    _record(home / OWNER_FILE, data_dir)
    _record(data_dir / "postgres-location", home)
    logger.warning(
        "PostgreSQL 以用户 %s 运行，进不了 %s；数据放在 %s，不要时与 %s 一起删除",
        account.name,
        data_dir,
        home,
        data_dir,
    )
    return home


def _check_owner(home: Path, data_dir: Path) -> None:
    owner = _recorded(home / OWNER_FILE)
    if owner is None or not _is_ours_alone(home):
        raise DataUnreachable(
            f"{data_dir}/postgres-location 说 PostgreSQL 的数据在 {home}，但那里没有。"
            "请恢复那个文件夹；如果数据已经不要了，删掉 postgres-location 即从空库开始"
        )
    if owner == data_dir:
        return
    if _recorded(owner / "postgres-location") == home:
        raise DataUnreachable(
            f"{data_dir} 是 {owner} 的副本，两者指向同一份 PostgreSQL 数据 {home}。"
            f"删掉 {data_dir}/postgres-location，副本就从空库开始；要带上数据，请用 pg_dump 导出再导入"
        )
    _record(home / OWNER_FILE, data_dir)


def _make_folder(path: Path, mode: int) -> None:
    path.mkdir(mode=mode, parents=True, exist_ok=True)
    path.chmod(mode)  # mkdir applies the umask, chmod does not


def _is_ours_alone(folder: Path) -> bool:
    if not folder.exists():
        return False
    about = folder.lstat()
    others_write = about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(about.st_mode) and about.st_uid == os.geteuid() and not others_write


def _recorded(record: Path) -> Path | None:
    if not record.exists():
        return None
    return Path(record.read_text(encoding="utf-8").removesuffix("\n"))


def _record(record: Path, place: Path) -> None:
    fresh = record.with_name(f".{record.name}.new")
    fresh.write_text(f"{place}\n", encoding="utf-8")
    fresh.replace(record)
