"""What a test's database on a Citus cluster is made of, as far as it can be told without one."""

import pytest

from tests import cluster, external

URL = "postgresql://jifen:word@db.example:5400/jifen_test_1"


def test_without_a_cluster_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(cluster.WORKERS, raising=False)
    said: list[tuple[str, str]] = []
    for work in (cluster.span, cluster.drop):
        work(URL, lambda url, statement: said.append((url, statement)))
    assert (said, cluster.ports(), cluster.shards()) == ([], [], None)


def test_a_database_spans_all_nodes_and_goes_from_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cluster.WORKERS, "5401, 5402")
    said: list[tuple[str, str]] = []
    for work in (cluster.span, cluster.drop):
        work(URL, lambda url, statement: said.append((url.rpartition("@")[2], statement)))
    here, first, second = (f"db.example:{port}/jifen_test_1" for port in (5400, 5401, 5402))
    assert cluster.shards() == cluster.SHARDS
    assert said == [
        ("db.example:5401/postgres", "CREATE DATABASE jifen_test_1"),
        (first, "CREATE EXTENSION citus"),
        ("db.example:5402/postgres", "CREATE DATABASE jifen_test_1"),
        (second, "CREATE EXTENSION citus"),
        (here, "CREATE EXTENSION citus"),
        (here, "SELECT citus_set_coordinator_host('db.example', 5400)"),
        (here, "SELECT citus_add_node('db.example', 5401)"),
        (here, "SELECT citus_add_node('db.example', 5402)"),
        ("db.example:5401/postgres", "DROP DATABASE jifen_test_1 WITH (FORCE)"),
        ("db.example:5402/postgres", "DROP DATABASE jifen_test_1 WITH (FORCE)"),
    ]


def test_workers_without_a_coordinator_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(cluster.WORKERS, "5401")
    monkeypatch.delenv("JIFEN_TEST_DATABASE_URL", raising=False)
    assert external.main([]) == 2
    assert "JIFEN_TEST_DATABASE_URL" in capsys.readouterr().err
