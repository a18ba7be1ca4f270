"""Figures of one measure: series of runs side by side, their medians, spread, and the CPU each operation cost."""

import statistics
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Series:
    """Rates of one side, a run each, and the CPU microseconds an operation cost by kind of process."""

    per_second: list[float] = field(default_factory=list)
    cpu_us: list[dict[str, float]] = field(default_factory=list)

    def add(self, per_second: float, operations: int, cpu_s: dict[str, float]) -> None:
        """One more run; `operations` are all those the CPU time was spent on."""
        self.per_second.append(per_second)
        self.cpu_us.append({kind: 1e6 * used / max(operations, 1) for kind, used in cpu_s.items()})

    @property
    def median(self) -> float:
        """The rate to go by."""
        return statistics.median(self.per_second) if self.per_second else 0.0

    @property
    def cpu_per_operation_us(self) -> float:
        """What an operation cost all processes together, load included; the median of the runs."""
        return statistics.median(sum(one.values()) for one in self.cpu_us) if self.cpu_us else 0.0

    def told(self) -> dict[str, Any]:
        """For JSON and the report."""
        kinds = sorted({kind for one in self.cpu_us for kind in one})
        return {
            "per_second": round(self.median, 1),
            "runs": [round(one, 1) for one in self.per_second],
            "cpu_us_total": round(self.cpu_per_operation_us, 1),
            "cpu_us": {
                kind: round(statistics.median(one.get(kind, 0.0) for one in self.cpu_us), 1) for kind in kinds
            },
        }


@dataclass
class Row:
    """One row of the table. `bar` and `value` are of one unit; a row without a bar only reports."""

    name: str
    title: str
    value: float | None = None
    bar: float | None = None
    unit: str = "×"
    at_most: bool = False
    ours: Series | None = None
    baseline: Series | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool | None:
        """Whether the bar is met; None without one."""
        if self.bar is None or self.value is None:
            return None
        return self.value <= self.bar if self.at_most else self.value >= self.bar

    @property
    def cpu_ratio(self) -> float | None:
        """How many times more CPU the baseline spent on an operation, all processes together: steady where the machine is not."""
        if not (self.ours and self.baseline and self.ours.cpu_per_operation_us):
            return None
        return self.baseline.cpu_per_operation_us / self.ours.cpu_per_operation_us

    def told(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "value": None if self.value is None else round(self.value, 3),
            "bar": self.bar,
            "unit": self.unit,
            "at_most": self.at_most,
            "passed": self.passed,
            "cpu_ratio": None if self.cpu_ratio is None else round(self.cpu_ratio, 3),
            "ours": self.ours.told() if self.ours else None,
            "baseline": self.baseline.told() if self.baseline else None,
            "facts": self.facts,
        }


def ratio(ours: Series, baseline: Series) -> float:
    """The median of the ratios of runs that stood side by side: what disturbs the machine disturbs both."""
    pairs = [one / other for one, other in zip(ours.per_second, baseline.per_second, strict=True) if other]
    return statistics.median(pairs) if pairs else 0.0
