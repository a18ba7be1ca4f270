"""The cost of a budget that every award takes from: purchases through the engine, under rules with it and without."""

from bench.bench import Bench, Size, small_dataset
from bench.calls import engine_run, fresh_share
from bench.dataset import Spec, one_value
from bench.errors import WrongAnswers
from bench.measure import Row, Series, ratio

BAR = 0.85
FREE, BUDGETED = "no_budget", "budget"
AWARDED = "SELECT sum(points)::bigint FROM award"
HOLDING = "SELECT count(*) FROM stock WHERE item LIKE 'budget:%' AND taken = {points}"
POOLS = ("day", "month", "total")


def datasets(size: Size) -> tuple[Spec, ...]:
    """Members under a rule without a budget, and members under the same rule with three: of the day, of the month and in all."""
    return small_dataset(FREE, size), small_dataset(BUDGETED, size, "budget")


def measure(bench: Bench) -> Row:
    """The rate with budgets ÷ the rate without; all purchases contend for the rows of the same three pools."""
    with_budget, without = Series(), Series()
    for number in range(bench.size.rounds):
        bench.say(f"预算 {number + 1}/{bench.size.rounds}")
        for name, series in ((FREE, without), (BUDGETED, with_budget)):
            dataset = bench.dataset(name)
            first, count = fresh_share(dataset, "calls", bench.size.rounds)
            engine_run(bench.ground, dataset, "purchase", bench.size, series, first=first, count=count)
    budgeted = bench.dataset(BUDGETED)
    if one_value(budgeted, HOLDING.format(points=one_value(budgeted, AWARDED))) != len(POOLS):
        raise WrongAnswers("the budgets hold something else than the awards took")
    bench.drop(FREE)
    bench.drop(BUDGETED)
    return Row(
        "budget", "上报消费，每笔都占预算", ratio(with_budget, without), BAR, ours=with_budget, baseline=without,
        facts={"pools": len(POOLS)},
    )  # fmt: skip
