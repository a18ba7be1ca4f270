"""The nightly audit: once a night for all workers, told in the log and the metrics, tried again after a failure."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from loyalty.checkin.commands import CheckIn
from loyalty.rewards.commands import Redeem
from tasks import audit as job
from tasks.audit import NightlyAudit, measure_flows
from tests.house import House
from tests.ledger import rules_with
from tests.tasks.scenes import go_to


def gauge(name: str) -> float | None:
    return REGISTRY.get_sample_value(name)


async def night(house: House, *workers: NightlyAudit) -> list[Any]:
    """One tick of these workers; what they wrote into the log."""
    with capture_logs() as logs:
        await asyncio.gather(*(worker(house.resources, house.clock.now()) for worker in workers))
    return [line for line in logs if line["event"].startswith("audit_")]


async def at_night(house: House, *, hours: float = 17.5) -> None:
    """Half past three, by default, of the next night in Shanghai."""
    await go_to(house, house.clock.now().astimezone(house.resources.zone).date())
    house.clock.advance(hours * 3600)


async def test_a_clean_ledger_is_told_once_a_night(house: House) -> None:
    member = await house.ledger.member()
    await house.ledger.run(CheckIn, member)
    one, two = NightlyAudit(), NightlyAudit()
    assert await night(house, one, two) == [], "not by day"
    await at_night(house)
    [line] = await night(house, one, two, one)
    assert (line["event"], line["log_level"]) == ("audit_clean", "info")
    assert (line["accounts"], line["entries"]) == (1, 2)
    assert gauge("jifen_audit_violations") == 0
    assert gauge("jifen_audit_timestamp_seconds") == house.clock.now().timestamp()
    house.clock.advance(3600)
    assert await night(house, one, two, NightlyAudit()) == []
    await at_night(house)
    assert len(await night(house, two)) == 1, "the next night has its own"


async def test_what_is_wrong_is_named(house: House) -> None:
    member = await house.ledger.member()
    await house.resources.pool.execute("UPDATE account SET growth = 7 WHERE member_id = $1", member)
    await at_night(house)
    [line] = await night(house, NightlyAudit())
    assert (line["event"], line["log_level"], line["violations"]) == ("audit_violations", "error", 1)
    assert line["first"] == [f"I4 {member}: the growth value is not what was earned"]
    assert gauge("jifen_audit_violations") == 1


async def test_a_night_that_failed_is_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    worker = NightlyAudit()
    await at_night(house)
    with monkeypatch.context() as patched:
        patched.setattr(job, "nightly", away)
        with pytest.raises(ConnectionRefusedError):
            await night(house, worker)
    assert len(await night(house, worker)) == 1


async def test_an_audit_does_not_go_on_for_ever(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "TIMEOUT_S", 0.05)

    async def endless(*_: object, **__: object) -> None:
        await asyncio.sleep(timedelta(hours=1).total_seconds())

    monkeypatch.setattr(job, "nightly", endless)
    worker = NightlyAudit()
    await at_night(house)
    [line] = await night(house, worker)
    assert (line["event"], line["log_level"]) == ("audit_took_too_long", "error")
    assert await night(house, worker) == [], "nor again the same night"


async def test_many_receipts_are_audited_in_turn(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five members with two receipts each, and room for five receipts: yesterday's and one half of the members per night."""
    monkeypatch.setattr(job, "RECEIPTS_PER_NIGHT", 5)
    members = [await house.ledger.member() for _ in range(5)]
    house.clock.advance(3 * 86_400)
    for member in members:
        await house.ledger.run(CheckIn, member)
    worker, receipts = NightlyAudit(), []
    await at_night(house)
    for _ in range(2):
        [line] = await night(house, worker)
        assert line["event"] == "audit_clean"
        receipts.append(line["receipts"])
        await at_night(house)
    assert sorted(receipts) == [4, 11] or sorted(receipts) == [6, 9], receipts


async def test_points_that_pile_up_unused_are_measured_and_logged(house: House) -> None:
    """L16: the ratio of what was issued to what was used in thirty days, against the limit of the settings."""
    await house.ledger.publish(rules_with(welcome={"points": 700}))
    member = await house.ledger.member()
    await measure_flows(house.resources.pool, house.resources, house.clock.now())  # nothing is used yet
    await house.ledger.run(Redeem, member, reward="cookie")
    with capture_logs() as logs:
        await measure_flows(house.resources.pool, house.resources, house.clock.now())
    assert gauge("jifen_issued_per_used") == 700 / 60
    assert gauge("jifen_issued_per_used_alert") == 10
    assert [one["event"] for one in logs] == ["issued_per_used_high"]
