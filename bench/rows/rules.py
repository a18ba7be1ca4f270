"""What 200 earning rules cost a sign-in: the same commands through the engine, under rules with them and without."""

from bench.bench import Bench, Size, small_dataset
from bench.calls import engine_run, fresh_share
from bench.dataset import Spec
from bench.measure import Row, Series, ratio
from bench.variations import MANY_RULES

BAR = 0.9
PLAIN, RULED = "few_rules", "many_rules"


def datasets(size: Size) -> tuple[Spec, ...]:
    """Members under one rule, and members under 201."""
    return small_dataset(PLAIN, size), small_dataset(RULED, size, "many_rules")


def measure(bench: Bench) -> Row:
    """The rate with 200 rules ÷ the rate with one; every sign-in is another member's."""
    with_rules, without = Series(), Series()
    for number in range(bench.size.rounds):
        bench.say(f"规则 {number + 1}/{bench.size.rounds}")
        for name, series in ((PLAIN, without), (RULED, with_rules)):
            dataset = bench.dataset(name)
            first, count = fresh_share(dataset, "calls", bench.size.rounds)
            engine_run(bench.ground, dataset, "sign_in", bench.size, series, first=first, count=count)
    bench.drop(PLAIN)
    bench.drop(RULED)
    return Row(
        "rules", "签到，旁边有 200 条规则", ratio(with_rules, without), BAR, ours=with_rules, baseline=without,
        facts={"rules": MANY_RULES},
    )  # fmt: skip
