"""Peak memory: of a worker while a million lots lapse, and of a server process under load."""

import time
from datetime import UTC, datetime

from bench.bench import MEMBERS, Bench, Size, main_dataset
from bench.cpu import family, peak_mib
from bench.dataset import Dataset, Spec, checkpoint, one_value
from bench.errors import NotServing
from bench.measure import Row, Series
from bench.rows.signin import sign_in_run
from bench.serving import free_port, program, serving
from loyalty.ledger.calendar import business_day

BAR_MIB = 300.0
MILLION, LOTS = "million", 1_000_000
EXPIRE_TIMEOUT_S = 3_600
LEFT = "SELECT count(*) FROM (SELECT FROM lot WHERE has_remaining AND expires_on <= $1 LIMIT 1) l"


def datasets(size: Size) -> tuple[Spec, ...]:
    """One member per lot that lapses."""
    return (main_dataset(size), Spec(MILLION, LOTS if size.standard else size.members, lapsed=True))


def measure(bench: Bench) -> Row:
    """Run `jifen worker` until all lots are booked, then servers under a load of sign-ins."""
    lapsed, dataset = bench.dataset(MILLION), bench.dataset(MEMBERS)
    worker_mib, took_s = _expire(bench, lapsed)
    bench.drop(MILLION)
    with serving(bench.ground, dataset.name) as servers:
        sign_in_run(bench, dataset, servers, Series(), rounds=2)
        server_mib = max(peak_mib(process.pid) for process in family(servers.pids[0]))
    facts = {
        "worker_mib": round(worker_mib, 1), "server_mib": round(server_mib, 1), "lots": lapsed.members,
        "seconds": round(took_s, 1), "lots_per_second": round(lapsed.members / took_s, 1),
    }  # fmt: skip
    return Row(
        "memory", "内存峰值", max(worker_mib, server_mib), BAR_MIB, unit="MiB", at_most=True, facts=facts
    )


def _expire(bench: Bench, dataset: Dataset) -> tuple[float, float]:
    today = business_day(datetime.now(UTC), dataset.programme.zone)
    checkpoint(dataset)
    with program(bench.ground, dataset.name, free_port(), "worker") as worker:
        began = time.monotonic()
        while one_value(dataset, LEFT, today):
            if worker.poll() is not None or time.monotonic() - began > EXPIRE_TIMEOUT_S:
                raise NotServing(f"到期没有做完，详见 {bench.ground.folder}/log/worker.log")
            time.sleep(0.5)
        return peak_mib(worker.pid), time.monotonic() - began
