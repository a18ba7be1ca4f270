"""The table of measures: each one's name, datasets and function."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bench.bench import Bench, Size, main_dataset
from bench.dataset import Spec
from bench.errors import UnknownMeasure
from bench.measure import Row
from bench.rows import (
    backtest,
    budget,
    bulk,
    console,
    draws,
    events,
    imports,
    latency,
    me,
    memory,
    overload,
    rules,
    scale,
    signin,
)


@dataclass(frozen=True)
class Measure:
    """One row of the table. `quick`: it is part of a quick run; `alone`: its data leave no disk space for others."""

    name: str
    make: Callable[[Bench], Row]
    needs: Callable[[Size], tuple[Spec, ...]]
    quick: bool = False
    alone: bool = False


def _main(size: Size) -> tuple[Spec, ...]:
    return (main_dataset(size),)


MEASURES = (
    Measure("signin", signin.measure, _main, quick=True),
    Measure("draws", draws.measure, _main, quick=True),
    Measure("events", events.measure, _main, quick=True),
    Measure("bulk", bulk.measure, bulk.datasets, quick=True),
    Measure("import", imports.measure, _main, quick=True),
    Measure("rules", rules.measure, rules.datasets, quick=True),
    Measure("budget", budget.measure, budget.datasets, quick=True),
    Measure("backtest", backtest.measure, backtest.datasets, quick=True),
    Measure("me", me.measure, _main, quick=True),
    Measure("scale", scale.measure, scale.datasets, alone=True),
    Measure("console", console.measure, console.datasets, alone=True),
    Measure("latency", latency.measure, _main),
    Measure("overload", overload.measure, _main),
    Measure("memory", memory.measure, memory.datasets),
)


def chosen(only: str | None, *, quick: bool) -> list[Measure]:
    """The measures to make, in the table's order. Raises UnknownMeasure."""
    if only is None:
        return [measure for measure in MEASURES if measure.quick or not quick]
    names = [name.strip() for name in only.split(",") if name.strip()]
    known = [measure.name for measure in MEASURES]
    if unknown := [name for name in names if name not in known]:
        raise UnknownMeasure(f"没有 {'、'.join(unknown)} 这样的测量；有 {'、'.join(known)}。")
    return [measure for measure in MEASURES if measure.name in names]


def specs(measures: Iterable[Measure], size: Size) -> dict[str, Spec]:
    """The databases that the measures need, by name."""
    return {spec.name: spec for measure in measures for spec in measure.needs(size)}
