"""What lies in deploy/ and is told in docs/operations.md: read by the programs it is for, and true to the program it deploys."""

import asyncio
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from base import gauges
from base.settings import FAIR_PATH, Settings
from console.guard import MOST_UPLOAD
from loyalty.schema import GRANTS
from miniapp_api import pictures
from models.grants import rewritable
from runtime.cli import app
from tests.app_role import as_user
from tests.conftest import run_sql
from tests.debian import debian_postgres, postgres_programs, postgres_tool, program
from tests.runtime.program import jifen, running

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("systemd/*.service"), *DEPLOY.glob("systemd/*.timer")])
TEXTS = sorted(path for path in [*DEPLOY.rglob("*"), ROOT / "docs" / "operations.md"] if path.is_file())
CLI = typer.main.get_command(app)
COMPOSE_ENV = {
    "OWNER_PASSWORD": "a", "APP_PASSWORD": "b", "ADMIN_PASSWORD": "c", "JIFEN_SECRET_KEY": "0123456789abcdef",
    "JIFEN_OA_APP_ID": "wxa", "JIFEN_OA_APP_SECRET": "s", "JIFEN_OA_TOKEN": "token", "JIFEN_OA_ENCODING_AES_KEY": "k" * 43,
    "JIFEN_MINIAPP_APP_ID": "wxb", "JIFEN_MINIAPP_APP_SECRET": "s",
}  # fmt: skip


def needs(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(program(name) is None, reason=f"needs {name}")


def commands(text: str) -> Iterator[list[str]]:
    """Every `jifen …` in a text, as words without its name."""
    for found in re.findall(r"(?:^|[\s`/])jifen ((?:[a-z]+)(?: [^`\n#&|;()]*)?)", text):
        words = shlex.split(found.split("\\")[0], comments=True)
        if words[0] in CLI.commands:  # type: ignore[attr-defined]
            yield words


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_settings_and_commands_are_real(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    known = {f"JIFEN_{name.upper()}" for name in Settings.model_fields}
    named = {name.rstrip("_") for name in re.findall(r"\bJIFEN_[A-Z_]+[A-Z]\b", text)}
    assert {name for name in named if not name.startswith("JIFEN_TEST_")} <= known
    for words in commands(text):
        command, rest = CLI, list(words)
        while rest and rest[0] in getattr(command, "commands", {}):
            command = command.commands[rest.pop(0)]  # type: ignore[attr-defined]
        options = {option for param in command.params for option in param.opts}
        assert {word for word in rest if word.startswith("--")} <= options, words


def test_some_commands_were_found() -> None:
    found = [words for path in TEXTS for words in commands(path.read_text(encoding="utf-8"))]
    assert ["serve", "--workers", "2"] in found
    assert ["migrate", "--app-role", "jifen_app"] in found
    assert ["audit"] in found


def test_metrics_and_their_labels_are_real() -> None:
    made = {name for value in vars(gauges).values() if (name := getattr(value, "_name", None))}
    made |= {
        f"jifen_process_{rest}" for rest in ("resident_memory_bytes", "cpu_seconds", "start_time_seconds")
    } | {"jifen_build_info"}
    for path in (DEPLOY / "prometheus" / "alerts.yaml", ROOT / "docs" / "operations.md"):
        for named in re.findall(r"\bjifen_(?!app|owner)[a-z_]+\b", path.read_text(encoding="utf-8")):
            assert re.sub(r"_(total|bucket|sum|count)$", "", named) in made, (path.name, named)


@needs("systemd-analyze")
def test_systemd_reads_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/jifen/.venv/bin/jifen", "/bin/true")
        (tmp_path / unit.name).write_text(text.replace("/usr/bin/pg_dump", "/bin/true"), encoding="utf-8")
    units = [str(tmp_path / unit.name) for unit in UNITS if "@" not in unit.name]
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], check=False, capture_output=True, text=True
    )
    ours = [line for line in told.stderr.splitlines() if "jifen" in line]
    assert (told.returncode, ours) == (0, [])


@needs("systemd-analyze")
@pytest.mark.parametrize("unit", ["serve", "worker", "console", "migrate", "audit", "backup"])
def test_units_are_hardened(unit: str) -> None:
    words = ["systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=20"]
    told = subprocess.run(
        [*words, str(DEPLOY / "systemd" / f"jifen-{unit}.service")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stdout.splitlines()[-1]


def compose() -> list[str] | None:
    """The compose client at hand: the plugin, or Debian's older program."""
    if (
        shutil.which("docker")
        and subprocess.run(["docker", "compose", "version"], check=False, capture_output=True).returncode == 0
    ):
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None


@pytest.mark.skipif(compose() is None, reason="needs docker compose (the client alone is enough)")
def test_compose_reads_its_file() -> None:
    words = compose()
    assert words
    ran = subprocess.run(
        [*words, "-f", DEPLOY / "compose.yaml", "config"], env=COMPOSE_ENV | {"PATH": "/usr/bin:/bin:/usr/local/bin"},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    services = yaml.safe_load(ran.stdout)["services"]
    assert set(services) == {"postgres", "redis", "migrate", "serve", "worker", "console"}
    assert "jifen_app:b@" in services["serve"]["environment"]["JIFEN_DATABASE_URL"]
    assert "jifen_owner:a@" in services["migrate"]["environment"]["JIFEN_DATABASE_URL"]


def test_containers_are_told_what_the_program_needs() -> None:
    """Without any client: the file by itself, and the image's own settings."""
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for name in ("migrate", "serve", "worker", "console"):
        words = services[name]["command"]
        assert words[0] in CLI.commands  # type: ignore[attr-defined]
        assert "OWNER_PASSWORD" not in services["serve"]["environment"]["JIFEN_DATABASE_URL"]
    assert "JIFEN_LEDGER_GUARD=refuse" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def test_the_image_holds_every_package() -> None:
    """What setuptools installs must have been copied, or `pip install .` leaves it out in silence."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = {line.split()[1] for line in lines if line.startswith("COPY ") and len(line.split()) == 3}
    assert copied == packages
    assert all((ROOT / name).is_dir() for name in packages)


def test_the_console_has_what_it_imports_and_a_way_through_each_proxy() -> None:
    """What it needs is locked; the Host keeps its port, because the console compares it with the Origin; WebSockets pass."""
    locked = (ROOT / "requirements-console.lock").read_text(encoding="utf-8")
    tested = (ROOT / "requirements-demo.lock").read_text(encoding="utf-8")
    versions = set(re.findall(r"^[\w.\[\]-]+==\S+", locked, re.MULTILINE))
    assert {"nicegui", "fastapi", "uvicorn"} <= {one.split("==")[0] for one in versions}
    assert versions <= set(re.findall(r"^[\w.\[\]-]+==\S+", tested, re.MULTILINE))
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert services["console"]["build"]["args"]["REQUIREMENTS"] == "requirements-console.lock"
    assert services["console"]["volumes"] == services["serve"]["volumes"], "jobs keep their files there"
    server = (DEPLOY / "nginx" / "jifen.conf").read_text(encoding="utf-8").split("upstream jifen_console")[1]
    for line in (
        "proxy_set_header Host $http_host;", "proxy_set_header Upgrade $http_upgrade;",
        "proxy_set_header Connection $jifen_connection;", "proxy_set_header X-Forwarded-For $remote_addr;",
    ):  # fmt: skip
        assert line in server
    megabytes = int((re.search(r"client_max_body_size (\d+)m;", server) or [0, 0])[1])
    assert megabytes * 2**20 >= MOST_UPLOAD


def test_proxies_pass_the_public_pages_on_and_not_the_demos() -> None:
    """`/app/` logs in by the hand of the demo's emulator only."""
    nginx = (DEPLOY / "nginx" / "jifen.conf").read_text(encoding="utf-8")
    caddy = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert f"location ~ ^{FAIR_PATH}(/|$)" in nginx
    assert f" {FAIR_PATH} {FAIR_PATH}/*" in caddy
    assert f"location {pictures.ROOT}/" in nginx
    assert f" {pictures.ROOT}/*" in caddy
    for text in (nginx, caddy):
        assert "/app" not in text


@needs("nginx")
def test_nginx_reads_its_file(tmp_path: Path) -> None:
    text = (DEPLOY / "nginx" / "jifen.conf").read_text(encoding="utf-8")
    write_certificate(tmp_path)
    (tmp_path / "jifen.conf").write_text(text.replace("/etc/ssl/jifen", str(tmp_path)), encoding="utf-8")
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/nginx.pid; error_log stderr; events {{}} http {{ include {tmp_path}/jifen.conf; }}",
        encoding="utf-8",
    )
    told = subprocess.run(
        ["/usr/sbin/nginx", "-t", "-c", tmp_path / "nginx.conf", "-p", tmp_path], check=False, capture_output=True, text=True
    )  # fmt: skip
    assert told.returncode == 0, told.stderr


def write_certificate(folder: Path) -> None:
    """A certificate of a day for nobody."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "points.example.com")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, pem, plain))


def test_no_command_line_has_a_password() -> None:
    """The process list shows every user a command's arguments."""
    for path in sorted(DEPLOY.rglob("*")):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"(-v|--set|--variable)[ =]\w*password", text), path
            assert not re.search(r"(psql|pg_dump|pg_restore)[^\n]*://\w+:", text), path
    guide = (DEPLOY.parent / "docs" / "operations.md").read_text(encoding="utf-8")
    assert "-v owner_password" not in guide


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("postgresql://jifen_owner@127.0.0.1:5432/jifen", 0),
        ("postgresql:///jifen?host=/run/postgresql", 0),
        ("postgresql://jifen_owner:secret@127.0.0.1:5432/jifen", 1),
    ],
)
def test_a_backup_refuses_an_address_with_a_password(address: str, status: int) -> None:
    unit = (DEPLOY / "systemd" / "jifen-backup.service").read_text(encoding="utf-8")
    found = re.search(r"^ExecStartPre=/bin/sh -c '(.+)'$", unit, re.MULTILINE)
    assert found
    told = subprocess.run(
        ["/bin/sh", "-c", found[1].replace("$$", "$")],
        env={"JIFEN_DATABASE_URL": address}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert told.returncode == status
    assert ("PGPASSWORD" in told.stderr) is (status == 1)
    assert "secret" not in told.stderr


def test_the_worker_in_a_container_is_in_the_servers_metrics() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert services["worker"]["pid"] == "service:serve"
    assert services["worker"]["volumes"] == services["serve"]["volumes"] == ["state:/var/lib/jifen"]


def test_the_image_installs_nothing_without_a_hash() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    installs = [line for line in lines if "pip install" in line]
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert {"--no-deps", "--no-build-isolation"} <= set(installs[1].split())


@needs("promtool")
def test_prometheus_reads_its_file() -> None:
    words = ["promtool", "check", "rules", str(DEPLOY / "prometheus" / "alerts.yaml")]
    told = subprocess.run(words, check=False, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr


@pytest.mark.skipif(
    postgres_programs() is None, reason="needs Debian's postgresql (apt-get install postgresql)"
)
def test_from_an_empty_server_to_one_that_serves(tmp_path: Path, redis_url: str) -> None:
    """The first installation as told: roles, schema and grants as the owner, then the server as the application."""
    with tempfile.TemporaryDirectory(prefix="jifen-deploy-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        with debian_postgres(Path(folder) / "pg") as admin:
            subprocess.run(
                [postgres_tool("psql"), "-v", "ON_ERROR_STOP=1", "-q", "-f", DEPLOY / "postgres" / "roles.sql", admin],
                env=os.environ | {"OWNER_PASSWORD": "a", "APP_PASSWORD": "b"}, check=True,
            )  # fmt: skip
            database = admin.removesuffix("/postgres") + "/jifen"
            owner, application = as_user(database, "jifen_owner:a"), as_user(database, "jifen_app:b")
            shared = {"REDIS_URL": redis_url, "DATA_DIR": str(tmp_path / "var")}
            made = jifen("migrate", "--app-role", "jifen_app", DATABASE_URL=owner, **shared)
            assert made.returncode == 0, made.stderr
            assert run_sql(owner, "SELECT current_user") == "jifen_owner"
            assert asyncio.run(held_by(application)) == []
            given = {"DATABASE_URL": application, "REDIS_URL": redis_url, "LEDGER_GUARD": "refuse"}
            with running(tmp_path, "serve", "--workers", "2", **given) as server:
                server.wait_children(2)
                again = jifen("migrate", "--app-role", "jifen_app", DATABASE_URL=owner, **shared)
                assert again.returncode == 0, again.stderr
                server.wait_ready()
                assert server.stop() == 0


async def held_by(url: str) -> list[str]:
    """Tables of facts that this role could rewrite."""
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        return await rewritable(connection, GRANTS)
    finally:
        await connection.close()
