"""The embedded servers: used, shared, restarted, killed and interrupted — with real processes throughout."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import redis
from arq.connections import RedisSettings, create_pool
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.base.config_generator import expand_db_url

from base.settings import Settings
from embedded import (
    DataDirRefused,
    IncompatibleData,
    ServerBusy,
    Servers,
    ServerStartFailed,
    embedded_servers,
    running_servers,
)
from embedded.account import for_postgres
from embedded.places import existing_home, make_data_dir, postgres_home
from embedded.processes import find, have_ended, mark_of
from tests.conftest import run_sql

USER = """
import json, signal, sys
from pathlib import Path
from embedded import embedded_servers

signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background hands on that it is ignored
with embedded_servers(Path(sys.argv[1]), postgres=sys.argv[2] == "True", fsync=False) as servers:
    print(json.dumps([servers.database_url, servers.redis_url, servers.notes]), flush=True)
    sys.stdin.read()
"""


class User:
    """Another process that uses the servers until told to leave."""

    def __init__(self, data_dir: Path, *, postgres: bool = True) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(data_dir), str(postgres)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def wait_until_in(self) -> Servers:
        assert self.process.stdout
        database_url, redis_url, notes = json.loads(self.process.stdout.readline())
        return Servers(database_url, redis_url, tuple(notes))

    def leave(self) -> None:
        self.process.communicate()
        assert self.process.returncode == 0

    def press_ctrl_c(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def fresh_dir(tmp_path: Path) -> Iterator[Path]:
    """A new DATA_DIR, whose servers and data are gone after the test, whatever happened in it."""
    yield tmp_path / "var"
    clear(tmp_path / "var", temporary=True)


@pytest.fixture(scope="module")
def used_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("used") / "var"
    yield path
    clear(path, temporary=True)


@pytest.fixture
def data_dir(used_dir: Path) -> Iterator[Path]:
    """A DATA_DIR whose data outlive the test (making them takes a second) and whose servers do not."""
    yield used_dir
    clear(used_dir, temporary=False)


def clear(path: Path, *, temporary: bool) -> None:
    with embedded_servers(path, postgres=False, redis=False, temporary=temporary):
        pass


def alive(data_dir: Path) -> dict[str, list[psutil.Process]]:
    home = existing_home(data_dir) or data_dir / "postgres"
    return {
        "postgres": find("postgres", mark_of(home)),
        "redis-server": find("redis-server", mark_of(data_dir)),
    }


def postmasters(data_dir: Path) -> list[psutil.Process]:
    return [process for process in alive(data_dir)["postgres"] if "-D" in process.cmdline()]


def nothing_is_left(data_dir: Path) -> bool:
    return not any(alive(data_dir).values()) and not (data_dir / "run").exists()


def wait_until_there(path: Path) -> None:
    until = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < until, f"{path} never came"
        time.sleep(0.01)


async def test_every_client_understands_the_addresses(servers: Servers) -> None:
    client = AsyncpgDBClient(**expand_db_url(servers.database_url)["credentials"], connection_name="x")
    await client.create_connection(with_db=True)
    named = urlsplit(servers.database_url).path.removeprefix("/")
    assert (await client.execute_query("SELECT current_database() AS name"))[1][0]["name"] == named
    await client.close()
    pool = await create_pool(RedisSettings.from_dsn(servers.redis_url))
    assert await pool.ping()
    await pool.aclose()


def test_postgresql_is_the_wheels_durable_without_a_port_and_bent_by_no_variable(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGPORT": "1", "PGDATA": "/nowhere", "PGHOST": "nowhere", "PGUSER": "x"}.items():
        monkeypatch.setenv(name, value)
    with embedded_servers(data_dir, redis=False) as servers:
        assert servers.redis_url == ""
        assert str(run_sql(servers.database_url, "SHOW server_version")).startswith("18.")
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert run_sql(servers.database_url, f"SHOW {name}") == "on"
        assert run_sql(servers.database_url, "SHOW listen_addresses") == ""
        assert run_sql(servers.database_url, "SHOW timezone") == "UTC"
        assert run_sql(servers.database_url, "SHOW max_connections") == "100"
        assert len(f"{run_sql(servers.database_url, 'SHOW unix_socket_directories')}/.s.PGSQL.5432") < 60
        assert alive(data_dir)["redis-server"] == []


def test_data_survive_a_restart_and_nothing_else_is_left(data_dir: Path) -> None:
    for turn in range(2):
        with embedded_servers(data_dir, fsync=False) as servers:
            assert servers.notes == ()
            with redis.Redis.from_url(servers.redis_url) as client:
                assert client.get("token") is None
                client.set("token", "x")
            run_sql(servers.database_url, "CREATE TABLE IF NOT EXISTS fact (id serial)")
            run_sql(servers.database_url, "INSERT INTO fact DEFAULT VALUES")
            assert run_sql(servers.database_url, "SELECT count(*) FROM fact") == turn + 1
        assert nothing_is_left(data_dir)


def test_any_folder_name_will_do(tmp_path: Path) -> None:
    data_dir = tmp_path / ("积分 a'b\"c $HOME `id` %s" + "x" * 150)
    with embedded_servers(data_dir, fsync=False, temporary=True) as servers:
        assert run_sql(servers.database_url, "SELECT 1") == 1
    assert nothing_is_left(data_dir)


def test_a_relative_folder_is_the_same_folder(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data_dir.parent.mkdir(exist_ok=True)
    monkeypatch.chdir(data_dir.parent)
    with (
        embedded_servers(data_dir, postgres=False) as one,
        embedded_servers(Path("var"), postgres=False) as two,
    ):
        assert one.redis_url == two.redis_url


def test_the_last_to_leave_stops_the_servers(data_dir: Path) -> None:
    first = User(data_dir)
    seen = first.wait_until_in()
    with embedded_servers(data_dir) as servers:
        assert servers == Servers(seen.database_url, seen.redis_url)
        first.leave()
        assert run_sql(servers.database_url, "SELECT 1") == 1
        with embedded_servers(data_dir) as again:
            assert again == servers
        assert len(postmasters(data_dir)) == 1
    assert nothing_is_left(data_dir)


def test_a_server_wanted_later_is_added(data_dir: Path) -> None:
    with embedded_servers(data_dir, postgres=False) as few:
        with embedded_servers(data_dir, fsync=False) as all_of_them:
            assert all_of_them.redis_url == few.redis_url
            assert run_sql(all_of_them.database_url, "SELECT 1") == 1
        assert len(postmasters(data_dir)) == 1
    assert nothing_is_left(data_dir)


def test_simultaneous_starts_give_one_server(data_dir: Path) -> None:
    users = [User(data_dir) for _ in range(3)]
    assert len({user.wait_until_in() for user in users}) == 1
    assert len(postmasters(data_dir)) == 1
    assert len(alive(data_dir)["redis-server"]) == 1
    for user in users:
        user.leave()
    assert nothing_is_left(data_dir)


def test_a_killed_owner_leaves_its_servers_to_the_next(data_dir: Path) -> None:
    owner = User(data_dir)
    left = owner.wait_until_in()
    before = postmasters(data_dir)
    owner.kill()
    with embedded_servers(data_dir) as servers:
        assert postmasters(data_dir) == before
        assert servers.database_url == left.database_url
        assert servers.notes == ("接管了上次留下的 Redis", "接管了上次留下的 PostgreSQL")
        assert run_sql(servers.database_url, "SELECT 1") == 1
    assert nothing_is_left(data_dir)


def test_crashed_servers_are_recovered_with_their_data(data_dir: Path) -> None:
    owner = User(data_dir)
    seen = owner.wait_until_in()
    run_sql(seen.database_url, "CREATE TABLE crashed AS SELECT 1 AS id")
    run_sql(seen.database_url, "CHECKPOINT")
    owner.kill()
    crashed = [*postmasters(data_dir), *alive(data_dir)["redis-server"]]
    for process in crashed:
        process.kill()
    assert have_ended(crashed, timeout_s=10)
    with embedded_servers(data_dir, fsync=False) as servers:
        assert servers.notes == (
            "上次 Redis 没有正常停止，已重新启动",
            "上次 PostgreSQL 没有正常停止，已自动恢复",
        )
        assert run_sql(servers.database_url, "SELECT id FROM crashed") == 1
    assert nothing_is_left(data_dir)


def test_a_pid_file_that_names_a_stranger_is_recovered(data_dir: Path) -> None:
    with embedded_servers(data_dir, redis=False, fsync=False):
        home = existing_home(data_dir)
    assert home
    pid_file = home / "data" / "postmaster.pid"
    owner = pid_file.parent.stat()
    with subprocess.Popen(["sleep", "60"], user=owner.st_uid, group=owner.st_gid) as stranger:
        pid_file.write_text(f"{stranger.pid}\n{home}/data\n1\n5432\n/tmp\n\n\nready\n", encoding="utf-8")
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        with embedded_servers(data_dir, redis=False, fsync=False) as servers:
            assert servers.notes == ("上次 PostgreSQL 没有正常停止，已自动恢复",)
            assert run_sql(servers.database_url, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_a_hanging_redis_is_replaced_only_when_nobody_uses_it(data_dir: Path) -> None:
    owner = User(data_dir, postgres=False)
    owner.wait_until_in()
    (hanging,) = alive(data_dir)["redis-server"]
    hanging.suspend()
    with pytest.raises(ServerBusy), embedded_servers(data_dir, postgres=False):
        pass
    assert alive(data_dir)["redis-server"] == [hanging]
    owner.kill()
    with embedded_servers(data_dir, postgres=False) as servers:
        assert servers.notes == ("上次留下的 Redis 没有应答，已重新启动",)
        assert alive(data_dir)["redis-server"] != [hanging]
    assert nothing_is_left(data_dir)


def test_servers_whose_sockets_were_swept_away_are_restarted(data_dir: Path) -> None:
    owner = User(data_dir)
    owner.wait_until_in()
    shutil.rmtree((data_dir / "run").read_text().strip())
    with pytest.raises(ServerBusy), embedded_servers(data_dir, redis=False):
        pass
    owner.kill()
    with embedded_servers(data_dir, fsync=False) as servers:
        assert len(servers.notes) == 2
        assert run_sql(servers.database_url, "SELECT 1") == 1
        assert len(postmasters(data_dir)) == len(alive(data_dir)["redis-server"]) == 1
    assert nothing_is_left(data_dir)


def test_an_interrupted_initdb_is_begun_again(fresh_dir: Path) -> None:
    home = postgres_home(make_data_dir(fresh_dir), for_postgres())
    (home / "data.new" / "base").mkdir(parents=True)
    with embedded_servers(fresh_dir, redis=False, fsync=False) as servers:
        assert run_sql(servers.database_url, "SELECT 1") == 1
    assert [path.name for path in home.iterdir() if path.is_dir()] == ["data"]


@pytest.mark.parametrize(("version", "shown"), [("16\n", "16"), ("19\n", "19"), (None, "？")])
def test_data_of_another_version_are_refused_and_kept(
    fresh_dir: Path, version: str | None, shown: str
) -> None:
    home = postgres_home(make_data_dir(fresh_dir), for_postgres())
    (home / "data").mkdir()
    os.chown(home / "data", for_postgres().uid, for_postgres().gid)
    if version:
        (home / "data" / "PG_VERSION").write_text(version, encoding="ascii")
    with pytest.raises(IncompatibleData) as refused, embedded_servers(fresh_dir):
        pass
    assert (refused.value.found, refused.value.wanted) == (shown, "18")
    assert (home / "data").exists()
    assert nothing_is_left(fresh_dir)


def test_a_failed_start_shows_the_log_and_leaves_nothing(fresh_dir: Path) -> None:
    with embedded_servers(fresh_dir, redis=False, fsync=False):
        home = existing_home(fresh_dir)
    assert home
    with (home / "data" / "postgresql.conf").open("a") as config:
        config.write("no_such_setting = 1\n")
    with pytest.raises(ServerStartFailed, match="no_such_setting"), embedded_servers(fresh_dir):
        pass
    assert nothing_is_left(fresh_dir)


def test_ctrl_c_reaches_the_program_and_not_the_servers_before_it(data_dir: Path) -> None:
    user = User(data_dir)
    user.wait_until_in()
    with embedded_servers(data_dir) as servers:
        user.press_ctrl_c()
        user.process.communicate(timeout=20)
        assert user.process.returncode != 0
        assert run_sql(servers.database_url, "SELECT 1") == 1
    assert nothing_is_left(data_dir)


def test_an_impatient_ctrl_c_leaves_nothing(data_dir: Path) -> None:
    user = User(data_dir)
    user.wait_until_in()
    until = time.monotonic() + 60
    while user.process.poll() is None:
        assert time.monotonic() < until, "it does not hear"
        user.press_ctrl_c()
        time.sleep(0.02)
    user.process.communicate()
    assert nothing_is_left(data_dir)


@pytest.mark.parametrize("stage", ["start.lock", "log/postgres.log"])
def test_ctrl_c_while_starting_leaves_nothing(fresh_dir: Path, stage: str) -> None:
    user = User(fresh_dir)
    wait_until_there(fresh_dir / stage)
    for _ in range(2):
        user.press_ctrl_c()
        time.sleep(0.05)
    user.process.communicate(timeout=30)
    assert nothing_is_left(fresh_dir)


def test_an_exception_in_the_program_stops_the_servers_too(data_dir: Path) -> None:
    with pytest.raises(RuntimeError, match="mine"), embedded_servers(data_dir, postgres=False):
        raise RuntimeError("mine")
    assert nothing_is_left(data_dir)


def test_a_forked_child_does_not_stop_its_parents_servers(data_dir: Path) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom embedded import embedded_servers\n"
        "with embedded_servers(Path(sys.argv[1]), postgres=False) as servers:\n"
        "    child = os.fork()\n"
        "    if child:\n"
        "        assert os.waitpid(child, 0)[1] == 0\n"
        "        import redis; assert redis.Redis.from_url(servers.redis_url).ping(); print('still there')\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(data_dir)], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("still there\n", 0)
    assert nothing_is_left(data_dir)


async def test_it_is_used_from_a_coroutine_in_a_thread(data_dir: Path) -> None:
    use = embedded_servers(data_dir, postgres=False)
    servers = await asyncio.to_thread(use.__enter__)
    client = redis.asyncio.Redis.from_url(servers.redis_url)
    assert await client.ping()
    await client.aclose()
    await asyncio.to_thread(use.__exit__, None, None, None)
    assert nothing_is_left(data_dir)


def test_temporary_data_are_deleted_by_the_last(fresh_dir: Path) -> None:
    with embedded_servers(fresh_dir, redis=False, fsync=False, temporary=True):
        home = existing_home(fresh_dir)
        with embedded_servers(fresh_dir, redis=False, temporary=True):
            pass
        assert home
        assert home.exists()
    assert not home.exists()
    assert existing_home(fresh_dir) is None


@pytest.mark.parametrize(
    ("database_url", "redis_url", "starts"),
    [
        ("postgresql://db/jifen", "redis://cache", []),
        ("postgresql://db/jifen", None, ["redis-server"]),
        (None, "redis://cache", ["postgres"]),
    ],
)
def test_a_server_given_by_url_is_not_started(
    fresh_dir: Path, database_url: str | None, redis_url: str | None, starts: list[str]
) -> None:
    settings = Settings(database_url=database_url, redis_url=redis_url, data_dir=fresh_dir)
    with running_servers(settings) as servers:
        assert database_url in (None, servers.database_url)
        assert redis_url in (None, servers.redis_url)
        assert servers.database_url
        assert servers.redis_url
        assert [name for name, processes in alive(fresh_dir).items() if processes] == starts
    assert fresh_dir.exists() is bool(starts)


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "var"):
        with pytest.raises(DataDirRefused), embedded_servers(path):
            pass
