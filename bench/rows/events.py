"""Purchases reported to the partner API in batches of 100, against pgbench writing the same rows, one member per transaction."""

import asyncio
from datetime import UTC, datetime

import asyncpg

from bench.baseline import CLIENTS, event_script, pgbench
from bench.bench import MEMBERS, Bench
from bench.dataset import Dataset, checkpoint, one_value
from bench.errors import WrongAnswers
from bench.load import check_answers, generate, meter
from bench.measure import Row, Series, ratio
from bench.messages import EVENTS_A_REQUEST
from bench.template import purchase
from partner_api.keys import MOST_PER_MINUTE, create_key

BAR = 2.0
CONNECTIONS = 8
"""Tills of eight shops, each of which waits for the answer to its last batch: enough to fill the engine's batches of 256."""


def measure(bench: Bench) -> Row:
    """Two server processes; every event is another member's first purchase of the day."""
    size, dataset = bench.size, bench.dataset(MEMBERS)
    ours, baseline = Series(), Series()
    key = asyncio.run(_key(dataset))
    for number in range(size.rounds):
        bench.say(f"上报事件 {number + 1}/{size.rounds}")
        _baseline_run(bench, dataset, baseline)
        _load_run(bench, dataset, ours, key)
    _count(dataset)
    facts = {"events_per_request": EVENTS_A_REQUEST, "connections": CONNECTIONS}
    return Row(
        "events",
        "上报消费，每次 100 笔",
        ratio(ours, baseline),
        BAR,
        ours=ours,
        baseline=baseline,
        facts=facts,
    )


async def _key(dataset: Dataset) -> str:
    async with asyncpg.create_pool(dataset.url, min_size=1, max_size=1) as pool:
        made = await create_key(pool, "bench", ["events"], None, MOST_PER_MINUTE, datetime.now(UTC))
        return made.text


def _baseline_run(bench: Bench, dataset: Dataset, series: Series) -> None:
    programme = dataset.programme
    step = purchase(dataset.history, programme.rules, programme.zone, datetime.now(UTC))
    checkpoint(dataset)
    written = pgbench(
        dataset.url, event_script(step), bench.size.seconds, meter(dataset), each=dataset.members // CLIENTS,
        start=dataset.taken.get("pgbench_events", 0),
    )  # fmt: skip
    dataset.take("pgbench_events", 2 * written.transactions // CLIENTS + 1_000)
    dataset.note("bought", written.transactions)
    series.add(written.per_second, written.transactions, written.cpu_s)


def _load_run(bench: Bench, dataset: Dataset, series: Series, key: str) -> None:
    checkpoint(dataset)
    result, spent = generate(
        bench.ground, dataset, bench.servers(), "events", bench.size, rounds=bench.size.rounds, key=key,
        connections=CONNECTIONS, count=dataset.members // EVENTS_A_REQUEST // bench.size.rounds,
    )  # fmt: skip
    check_answers(result, 200)
    answered = result["answered"] * EVENTS_A_REQUEST
    dataset.note("bought", answered)
    series.add(result["per_second"] * EVENTS_A_REQUEST, answered, spent)


def _count(dataset: Dataset) -> None:
    """Raise WrongAnswers unless each acknowledged purchase is stored, and no other."""
    stored, bought = one_value(dataset, "SELECT count(*) FROM purchase"), dataset.acknowledged["bought"]
    if stored != bought:
        raise WrongAnswers(f"{bought} purchases acknowledged, {stored} stored")
