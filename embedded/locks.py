"""The file locks of the servers: one for starting and stopping, and a shared one that every process using them holds.

The kernel releases a `flock` when its process ends, so a crash leaves no lock behind.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from embedded.account import of_uid
from embedded.errors import DataDirRefused

logger = logging.getLogger(__name__)


class Use:
    """One process's use of the servers of one DATA_DIR."""

    def __init__(self, start_lock: int, in_use: int) -> None:
        self._start_lock, self._in_use = start_lock, in_use
        self._process = os.getpid()

    @contextmanager
    def starting(self) -> Iterator[bool]:
        """Hold the start lock and take the shared lock; yields whether no other process was using the servers."""
        with self._start_locked():
            alone = _try_lock(self._in_use, fcntl.LOCK_EX)
            fcntl.flock(self._in_use, fcntl.LOCK_SH)
            yield alone

    @contextmanager
    def leaving(self) -> Iterator[bool]:
        """Hold the start lock and release the shared one; yields whether no process uses the servers any more.

        It yields False in a forked child, because the servers belong to its parent.
        """
        if os.getpid() != self._process:
            yield False
            return
        with self._start_locked():
            yield _try_lock(self._in_use, fcntl.LOCK_EX)
            fcntl.flock(self._in_use, fcntl.LOCK_UN)

    @contextmanager
    def _start_locked(self) -> Iterator[None]:
        if not _try_lock(self._start_lock, fcntl.LOCK_EX):
            logger.info("另一个进程正在启动或停止自带的服务器，等它完成")
            fcntl.flock(self._start_lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._start_lock, fcntl.LOCK_UN)


@contextmanager
def using(data_dir: Path) -> Iterator[Use]:
    """Open the lock files of a DATA_DIR; raises DataDirRefused when they belong to another user."""
    with ExitStack() as opened:
        files = []
        for name in ("start.lock", "in-use"):
            files.append(_open(data_dir / name))
            opened.callback(os.close, files[-1])
        yield Use(*files)


def _open(path: Path) -> int:
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DataDirRefused(f"打不开 {path}：{error.strerror}。{_owner_words(path.parent)}") from error
    if os.fstat(file).st_uid != os.geteuid():
        os.close(file)
        raise DataDirRefused(f"{path.parent} 里的服务器属于另一个用户。{_owner_words(path)}")
    return file


def _owner_words(path: Path) -> str:
    owner = of_uid(path.stat().st_uid).name
    return f"{path} 属于用户 {owner}：请以该用户运行，或用 JIFEN_DATA_DIR 另给一个文件夹"


def _try_lock(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
