"""The command line: each command's work, and known errors as one sentence with exit code 1."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from base.clock import OffsetClock, SystemClock
from base.settings import Settings
from embedded import Servers
from miniapp_api.sessions import open_session
from models import migrations
from runtime.cli import app, starting
from runtime.cli.starting import started
from tests.app_role import app_role
from tests.conftest import run_sql
from tests.ledger import Ledger
from tests.models.citus import calls, stand_in
from tests.runtime.program import jifen

pytestmark = pytest.mark.slow


@pytest.fixture
def given(given: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The addresses of this worker's database and Redis, and a folder, as settings."""
    return given | {"DATA_DIR": str(tmp_path)}


@pytest.mark.parametrize(
    "word", ["demo", "serve", "worker", "emulator", "migrate", "menu", "rules", "audit", "bench"]
)
def test_every_command_explains_itself(word: str) -> None:
    told = CliRunner().invoke(app, [word, "--help"])
    assert told.exit_code == 0
    assert any("\u4e00" <= sign <= "\u9fff" for sign in told.stdout)


async def belongs_to_everybody(_: Settings, *, first: bool) -> None:
    """A database that no check is made of."""


def test_a_named_database_never_goes_by_the_demos_clock(
    given: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    OffsetClock(tmp_path / "clock").advance(86_400)
    for name, value in given.items():
        monkeypatch.setenv(f"JIFEN_{name}", value)
    monkeypatch.setattr(starting, "check_installation", belongs_to_everybody)
    with started(demo=False, accounts_needed=False) as (_, clock):
        assert isinstance(clock, SystemClock)
    with started(demo=True) as (_, clock):
        assert isinstance(clock, OffsetClock)


@pytest.mark.parametrize(("processes", "pool"), [(1, 10), (7, 10), (20, 3), (64, 2)])
def test_processes_share_the_connections_of_our_own_database(
    processes: int, pool: int, given: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def ours(_settings: Settings) -> Iterator[Servers]:
        yield Servers("postgresql://ours", "redis://ours")

    monkeypatch.setattr(starting, "running_servers", ours)
    monkeypatch.setattr(starting, "check_installation", belongs_to_everybody)
    monkeypatch.setenv("JIFEN_DATA_DIR", str(tmp_path))
    with started(demo=False, accounts_needed=False, processes=processes) as (settings, _):
        assert (settings.database_pool, settings.ledger_guard) == (pool, "off")
    monkeypatch.setenv("JIFEN_DATABASE_URL", given["DATABASE_URL"])
    with started(demo=False, accounts_needed=False, processes=processes) as (settings, _):
        assert (settings.database_pool, settings.ledger_guard) == (10, "warn")


async def test_audit_is_silent_or_names_what_is_wrong(ledger: Ledger, given: dict[str, str]) -> None:
    member = await ledger.member()
    clean = jifen("audit", "--json", **given)
    assert clean.returncode == 0, clean.stderr
    found = json.loads(clean.stdout)
    assert found == {
        "accounts": 1,
        "entries": 1,
        "receipts": 1,
        "untraced": 0,
        "draws": 0,
        "operations": 0,
        "violations": [],
    }
    await ledger.pool.execute("UPDATE entry SET amount = 90 WHERE member_id = $1", member)
    told = jifen("audit", **given)
    assert told.returncode == 1
    assert f"会员 {member}" in told.stdout
    found = json.loads(jifen("audit", "--json", **given).stdout)["violations"]
    assert {"I4"} <= {one["invariant"] for one in found}


@pytest.mark.parametrize(
    ("words", "settings", "sentence"),
    [
        (
            ("audit",),
            {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/x", "REDIS_URL": "redis://x"},
            "数据库连不上",
        ),
        (
            ("migrate",),
            {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/x", "REDIS_URL": "redis://x"},
            "数据库连不上",
        ),
        (("serve",), {}, "JIFEN_SECRET_KEY"),
        (("audit",), {"HTTP_PROT": "1"}, "JIFEN_HTTP_PROT"),
        (("rules", "validate", "/nowhere.yaml"), {}, "/nowhere.yaml"),
    ],
)
def test_known_errors_are_sentences(
    words: tuple[str, ...], settings: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    told = jifen(*words, **({"DATA_DIR": str(tmp_path)} | settings))
    assert told.returncode == 1
    assert sentence in told.stderr
    assert "Traceback" not in told.stderr


def test_migrate_brings_an_empty_database_up_to_date(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    run_sql(database_url, "CREATE SCHEMA IF NOT EXISTS public")
    told = jifen("migrate", DATABASE_URL=database_url, REDIS_URL=redis_url, DATA_DIR=str(tmp_path))
    assert told.returncode == 0, told.stderr
    written = list(Path(migrations.__file__).parent.glob("m[0-9]*.py"))
    assert run_sql(database_url, "SELECT count(*) FROM tortoise_migrations") == len(written)


def test_migrate_gives_the_app_role_its_rights(given: dict[str, str]) -> None:
    with app_role(given["DATABASE_URL"], granted=False) as role:
        told = jifen("migrate", "--app-role", role.name, **given)
        assert told.returncode == 0, told.stderr
        assert role.name in told.stdout
        assert run_sql(role.url, "SELECT count(*) FROM rule_version") is not None
    lost = jifen("migrate", "--app-role", role.name, **given)
    assert lost.returncode == 1
    assert f"没有角色 {role.name}" in lost.stderr


def test_migrate_distributes_where_there_is_citus(bare_url: str, redis_url: str, tmp_path: Path) -> None:
    given = {"DATABASE_URL": bare_url, "REDIS_URL": redis_url, "DATA_DIR": str(tmp_path)}
    refused = jifen("migrate", "--distribute", **given)
    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)
    assert "没有 Citus 扩展" in refused.stderr
    stand_in(bare_url)
    told = jifen("migrate", "--distribute", "--shards", "4", **given)
    assert told.returncode == 0, told.stderr
    assert "各表都已放在应在的节点上" in told.stdout
    assert calls(bare_url)[0] == "member member_id none 4"


async def test_an_operator_resets_a_name_once(ledger: Ledger, given: dict[str, str]) -> None:
    member, other = await ledger.member(), await ledger.member()
    await ledger.pool.execute("UPDATE member SET nickname = '小光', nickname_checked = true")
    done = jifen("members", "reset-name", str(member), "--reason", "冒充客服", **given)
    assert (done.returncode, f"会员 {member} 的昵称已去掉。" in done.stdout) == (0, True), done.stderr
    again = jifen("members", "reset-name", str(member), "--reason", "冒充客服", **given)
    assert (again.returncode, "没有昵称" in again.stderr) == (1, True)
    assert await ledger.count("member", nickname="小光", member_id=other) == 1
    assert await ledger.count("member", nickname="小光") == 1


async def test_an_operator_ends_a_members_sessions(ledger: Ledger, given: dict[str, str]) -> None:
    member = await ledger.member()
    await open_session(ledger.pool, member, datetime.now(UTC))
    bad = jifen("members", "end-sessions", str(member), "--reason", " ", **given)
    assert (bad.returncode, bad.stderr.strip()) == (1, "请写明原因。")
    for said in (f"会员 {member} 的 1 个登录已失效。", f"会员 {member} 没有登录着小程序。"):
        done = jifen("members", "end-sessions", str(member), "--reason", "手机丢了", **given)
        assert (done.returncode, done.stdout.strip()) == (0, said), done.stderr


async def test_an_operator_sees_why_notices_wait_and_has_them_tried(
    ledger: Ledger, given: dict[str, str]
) -> None:
    told = jifen("notices", "faults", **given)
    assert (told.returncode, told.stdout) == (0, "没有因为微信那边的设置而停下的通知。\n")
    await ledger.pool.execute(
        "INSERT INTO wechat_fault (target, api, errcode, since, probe_at, probes)"
        " VALUES ('template:T', '/cgi-bin/message/template/send', 40037, now(), now() + interval '1 hour', 6)"
    )
    told = jifen("notices", "retry", **given)
    assert told.returncode == 0, told.stderr
    assert "模板 T" in told.stdout
    assert "40037" in told.stdout
    assert "后台任务马上重试。" in told.stdout
    row = await ledger.pool.fetchrow("SELECT probe_at <= now() AS is_due, probes FROM wechat_fault")
    assert tuple(row) == (True, 0)


async def test_an_account_that_stands_in_the_future_is_brought_back_by_hand(
    ledger: Ledger, given: dict[str, str]
) -> None:
    member = await ledger.member()
    await ledger.pool.execute(
        "UPDATE account SET posted_at = now() + interval '400 days' WHERE member_id = $1", member
    )
    words = ("members", "settle-clock", str(member), "--reason", "时钟走快")
    settled = jifen(*words, **given)
    assert (settled.returncode, f"会员 {member}" in settled.stdout) == (0, True), settled.stderr
    stored = await ledger.pool.fetchrow(
        "SELECT actor, facts::text FROM receipt WHERE command = 'settle_clock'"
    )
    assert stored["actor"] == "operator"
    assert "时钟走快" in stored["facts"]
    again = jifen(*words, **given)
    assert (again.returncode, again.stderr.strip()) == (1, "现在没有需要处理的内容。")
    nobody = jifen("members", "settle-clock", "4711", "--reason", "x", **given)
    assert (nobody.returncode, nobody.stderr.strip()) == (1, "没有找到这位会员。")
    assert await ledger.count("receipt", command="settle_clock") == 1
