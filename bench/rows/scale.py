"""Sign-ins with ten million members and fifty million entries, against ten thousand members on the same server."""

from dataclasses import replace

from bench.bench import Bench, Size
from bench.dataset import Spec, refill
from bench.measure import Row, Series, ratio
from bench.rows.signin import check_in_count, sign_in_run
from bench.serving import serving

BAR = 0.8
FEW, MANY = "few", "many"
FEW_MEMBERS, MANY_MEMBERS = 10_000, 10_000_000


def datasets(size: Size) -> tuple[Spec, ...]:
    """The small and the large dataset; a requested number of members is the size of the large one."""
    many = MANY_MEMBERS if size.standard else size.members
    return (Spec(FEW, FEW_MEMBERS), Spec(MANY, many))


def measure(bench: Bench) -> Row:
    """In each run ten thousand members sign in; the small dataset is refilled before each run."""
    few, many = bench.dataset(FEW), bench.dataset(MANY)
    size = replace(bench.size, warm_s=0.5, connections=bench.size.connections)
    bench = replace(bench, size=size)
    ours, baseline = Series(), Series()
    with serving(bench.ground, few.name) as small, serving(bench.ground, many.name) as large:
        sign_in_run(bench, many, large, Series(), rounds=1, count=FEW_MEMBERS)  # both sides start warm
        sign_in_run(bench, few, small, Series(), rounds=1)
        for number in range(size.rounds):
            bench.say(f"规模 {number + 1}/{size.rounds}")
            refill(few)
            sign_in_run(bench, few, small, baseline, rounds=1)
            sign_in_run(bench, many, large, ours, rounds=1, count=FEW_MEMBERS)
    answers = check_in_count(many)
    facts = {
        "members": many.members,
        "answers": answers,
        "entries": many.members * sum(len(step.entries) for step in many.history.steps),
    }
    bench.drop(MANY)
    title = f"签到：{facts['members']:,} 位会员对 {FEW_MEMBERS:,} 位"
    return Row("scale", title, ratio(ours, baseline), BAR, ours=ours, baseline=baseline, facts=facts)
