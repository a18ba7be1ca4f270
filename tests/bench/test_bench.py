"""What `jifen bench` measures with: its books, its load and its baseline are what they claim to be."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bench.baseline import CLIENTS, draw_script, event_script, import_script, pgbench, sign_in_script
from bench.cpu import CpuMeter, family_cpu_s, postmaster_of
from bench.dataset import RULES, WHEEL, publish_and_fill, today
from bench.errors import UnknownMeasure
from bench.measure import Row, Series, ratio
from bench.measures import MEASURES, chosen
from bench.messages import AMOUNT_FEN
from bench.names import scattered
from bench.pattern import Programme
from bench.template import Template, draw, import_line, purchase, sign_in
from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import CheckedIn
from loyalty.earning.commands import RecordEvent, event_request_key
from loyalty.engine.command import Command
from loyalty.games.commands import Draw
from loyalty.imports.commands import ImportBalance
from loyalty.programme.files.reading import read_rules
from tests.emulator import harness
from tests.ledger import KEYS, ZONE, Ledger, empty

MEMBERS = 300
PROGRAMME = Programme(harness.OA_APP_ID, harness.MINIAPP_APP_ID, read_rules(RULES), ZONE)


@pytest.fixture
async def history(ledger: Ledger) -> Template:
    await empty(ledger.pool)
    yesterday = today(ZONE) - timedelta(days=1)
    return await publish_and_fill(ledger.database_url, PROGRAMME, MEMBERS, yesterday, keyring=KEYS)


async def test_the_books_are_as_if_members_had_lived_in_them(ledger: Ledger, history: Template) -> None:
    report = await audit(ledger.pool, datetime.now(UTC), KEYS)
    assert report.violations == []
    assert (report.accounts, report.entries) == (MEMBERS, 5 * MEMBERS)
    missing = await ledger.pool.fetchval(
        "SELECT count(*) FROM account a WHERE (SELECT count(*) FROM identity i WHERE i.member_id = a.member_id) <> 2"
        " OR NOT EXISTS (SELECT FROM session s WHERE s.member_id = a.member_id)"
    )
    assert missing == 0


async def test_the_past_carries_the_streak_on(ledger: Ledger, history: Template) -> None:
    ledger.clock.move_to(datetime.now(UTC))
    decision = await ledger.run(CheckIn, 7)
    assert isinstance(decision.outcome, CheckedIn)
    assert (decision.outcome.streak, decision.outcome.balance) == (4, history.account.available + 10)
    assert (await audit(ledger.pool, datetime.now(UTC), KEYS)).violations == []


async def test_pgbench_signs_in_with_rows_of_the_engines_sizes(ledger: Ledger, history: Template) -> None:
    text = sign_in_script(sign_in(history, PROGRAMME.rules, ZONE, datetime.now(UTC)))
    theirs = await sizes_by_pgbench(ledger, text)
    ours = await sizes_by_engine(ledger, CheckIn, f"oa:{'f' * 60}")
    assert theirs == pytest.approx(ours, rel=0.05)


async def test_pgbench_draws_with_rows_of_the_engines_sizes(ledger: Ledger, history: Template) -> None:
    text = draw_script(
        draw(history, PROGRAMME.rules, ZONE, datetime.now(UTC), WHEEL), PROGRAMME.rules.wheels[0]
    )
    round_id = await ledger.pool.fetchval("SELECT id FROM wheel_round WHERE wheel = $1", WHEEL)
    theirs = await sizes_by_pgbench(ledger, text, round=round_id)
    ours = await sizes_by_engine(ledger, Draw, f"api:{'f' * 28}", wheel=WHEEL)
    assert theirs == pytest.approx(ours, rel=0.05)
    assert await ledger.pool.fetchval("SELECT taken FROM stock") == await ledger.count(
        "draw", took_stock=True
    )


async def test_pgbench_sells_with_rows_of_the_engines_sizes(ledger: Ledger, history: Template) -> None:
    theirs = await sizes_by_pgbench(
        ledger, event_script(purchase(history, PROGRAMME.rules, ZONE, datetime.now(UTC)))
    )
    ledger.clock.move_to(datetime.now(UTC))
    before = await sizes(ledger)
    for member_id in range(1, 11):
        named = f"{member_id:032}"
        await ledger.run(
            RecordEvent, member_id, event_request_key("name:bench", named), source="name:bench", event=named,
            kind="purchase", amount_fen=AMOUNT_FEN, order=named, channel="pos",
        )  # fmt: skip
    ours = {table: (size - before[table]) / 10 for table, size in (await sizes(ledger)).items()}
    assert theirs == pytest.approx(ours, rel=0.05)


async def test_pgbench_imports_with_rows_of_the_engines_sizes(ledger: Ledger, history: Template) -> None:
    text = import_script(import_line(history, PROGRAMME.rules, ZONE, datetime.now(UTC)))
    theirs = await sizes_by_pgbench(ledger, text)
    ledger.clock.move_to(datetime.now(UTC))
    before = await sizes(ledger)
    for member_id in range(1, 11):
        file = f"{member_id:064}"
        await ledger.run(
            ImportBalance, member_id, f"import:{file}:2", actor="operator", file=file, line=2, points=50,
            expires_on=date(2100, 1, 1),
        )  # fmt: skip
    ours = {table: (size - before[table]) / 10 for table, size in (await sizes(ledger)).items()}
    assert theirs == pytest.approx(ours, rel=0.05)


async def sizes_by_pgbench(ledger: Ledger, text: str, **variables: int) -> dict[str, float]:
    """Bytes a transaction of the script writes, by table."""
    meter = CpuMeter({"postgres": [postmaster_of(await ledger.pool.fetchval("SELECT pg_backend_pid()"))]})
    before = await sizes(ledger)
    shares = {"each": MEMBERS // CLIENTS, "start": 0} | variables
    written = pgbench(ledger.database_url, text, 1, meter, mode="prepared", **shares)
    assert written.transactions > 0
    assert written.failed == 0
    assert written.cpu_s["postgres"] > 0
    return {
        table: (size - before[table]) / written.transactions for table, size in (await sizes(ledger)).items()
    }


async def sizes_by_engine(
    ledger: Ledger, kind: type[Command], key: str, **fields: object
) -> dict[str, float]:
    """Bytes the engine writes for a command, by table."""
    ledger.clock.move_to(datetime.now(UTC))
    before = await sizes(ledger)
    for member_id in range(1, 11):
        await ledger.run(kind, member_id, f"{key}{member_id:04}", **fields)
    return {table: (size - before[table]) / 10 for table, size in (await sizes(ledger)).items()}


async def sizes(ledger: Ledger) -> dict[str, int]:
    """Bytes of all rows by table, for the tables that facts go into."""
    return {
        table: await ledger.pool.fetchval(f"SELECT coalesce(sum(pg_column_size(t.*)), 0) FROM {table} t")  # noqa: S608  # our own names
        for table in (
            "receipt",
            "entry",
            "lot_use",
            "check_in",
            "draw",
            "event",
            "event_key",
            "award",
            "purchase",
            "order_key",
        )
    }


def test_a_walk_meets_each_member_once() -> None:
    for members in (300, 20_000, 1_000_003):
        assert len({scattered(number, members) for number in range(members)}) == members
    assert scattered(1, 20_000) not in (1, 2)


def test_a_family_spends_what_its_members_spend() -> None:
    busy = [sys.executable, "-c", "import time\nwhile time.process_time() < 0.3: pass"]
    before = family_cpu_s(os.getpid())
    subprocess.run(busy, check=True)
    assert family_cpu_s(os.getpid()) - before >= 0.25  # the kernel counts in hundredths


def test_a_row_says_whether_it_met_its_bar() -> None:
    ours, baseline = Series(), Series()
    for one, other in ((100.0, 50.0), (300.0, 100.0), (90.0, 90.0)):
        ours.add(one, 10, {"server": 0.001})
        baseline.add(other, 10, {})
    assert ratio(ours, baseline) == 2.0
    row = Row("signin", "签到", ratio(ours, baseline), 2.5, ours=ours, baseline=baseline)
    told: dict[str, Any] = json.loads(json.dumps(row.as_json()))
    assert told["passed"] is False
    assert told["ours"] == {
        "per_second": 100.0, "runs": [100.0, 300.0, 90.0], "cpu_us_total": 100.0, "cpu_us": {"server": 100.0},
    }  # fmt: skip
    assert Row("memory", "", 200, 300, at_most=True).passed is True
    assert Row("latency", "").passed is None


def test_measures_are_chosen_by_name() -> None:
    assert [measure.name for measure in chosen("me, signin", quick=False)] == ["signin", "me"]
    assert chosen(None, quick=False) == list(MEASURES)
    assert [measure.name for measure in chosen(None, quick=True)] == [
        "signin",
        "draws",
        "events",
        "bulk",
        "import",
        "rules",
        "budget",
        "backtest",
        "me",
    ]
    with pytest.raises(UnknownMeasure):
        chosen("signin,speed", quick=False)
