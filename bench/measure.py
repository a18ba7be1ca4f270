"""The figures of one measure: rates of its runs, their median and spread, and the CPU time per operation."""

import statistics
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Series:
    """The rates of one side, one per run, and the CPU microseconds per operation by kind of process."""

    per_second: list[float] = field(default_factory=list)
    cpu_us: list[dict[str, float]] = field(default_factory=list)

    def add(self, per_second: float, operations: int, cpu_s: dict[str, float]) -> None:
        """Add a run; `operations` are all those that the CPU time was spent on."""
        self.per_second.append(per_second)
        self.cpu_us.append({kind: 1e6 * used / max(operations, 1) for kind, used in cpu_s.items()})

    @property
    def median(self) -> float:
        """The median rate of the runs."""
        return statistics.median(self.per_second) if self.per_second else 0.0

    @property
    def cpu_per_operation_us(self) -> float:
        """CPU time per operation of all processes together, generator included; the median of the runs."""
        return statistics.median(sum(one.values()) for one in self.cpu_us) if self.cpu_us else 0.0

    def as_json(self) -> dict[str, Any]:
        """The figures for JSON and the report."""
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
    """One row of the table. `bar` and `value` have the same unit; a row without a bar has no requirement."""

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
        """How many times more CPU per operation the baseline used, all processes together; it varies less than the rates."""
        if not (self.ours and self.baseline and self.ours.cpu_per_operation_us):
            return None
        return self.baseline.cpu_per_operation_us / self.ours.cpu_per_operation_us

    def as_json(self) -> dict[str, Any]:
        """The row for JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "value": None if self.value is None else round(self.value, 3),
            "bar": self.bar,
            "unit": self.unit,
            "at_most": self.at_most,
            "passed": self.passed,
            "cpu_ratio": None if self.cpu_ratio is None else round(self.cpu_ratio, 3),
            "ours": self.ours.as_json() if self.ours else None,
            "baseline": self.baseline.as_json() if self.baseline else None,
            "facts": self.facts,
        }


def ratio(ours: Series, baseline: Series) -> float:
    """The median of the ratios of adjacent runs, because a disturbance of the machine affects both runs of a pair."""
    pairs = [one / other for one, other in zip(ours.per_second, baseline.per_second, strict=True) if other]
    return statistics.median(pairs) if pairs else 0.0
