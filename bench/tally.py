"""Counts the responses to a load: by status, with their latencies, and those that did not arrive."""

import base64
from array import array
from collections import Counter
from typing import Any

CLIENT_TIMEOUT_S = 5.0
"""How long WeChat waits for an answer."""

ANSWERED = 200
KEEP_EVERY = 997
SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}


class Tally:
    """Counts responses; `window` is the measured interval, on the clock of `time.perf_counter`."""

    def __init__(self, *, short_below: int) -> None:
        self.began = 0.0
        self.window = (0.0, 0.0)
        self.sent = self.answered = self.lost = 0
        self._short_below = short_below
        self._in_window = self._short = self._in_time = 0
        self._last = 0.0
        self._statuses: Counter[int] = Counter()
        self._latencies = array("d")
        self._kept: list[bytes] = []

    def count_answer(self, status: int, body: bytes, since: float, now: float) -> None:
        """Count a response to a request that was due at `since`."""
        self.answered += 1
        self._last = now
        self._statuses[status] += 1
        self._short += len(body) < self._short_below
        if now >= self.window[0]:
            self._latencies.append(now - since)
            self._in_window += now <= self.window[1]
        self._in_time += status == ANSWERED and now - since <= CLIENT_TIMEOUT_S
        if self.answered % KEEP_EVERY == 1 or self.answered <= 3:
            self._kept.append(body)

    def as_json(self, *, exhausted: bool) -> dict[str, Any]:
        """The figures. `exhausted`: all requests were sent, so the measured interval ends with the last response."""
        since, until = self.window
        counted = self._in_window
        if exhausted:
            until = min(self._last, until)
        if until <= since:
            since, counted = self.began, self.answered
        ordered = sorted(self._latencies)
        return {
            "per_second": counted / max(until - since, 1e-3),
            "sent": self.sent,
            "answered": self.answered,
            "lost": self.lost,
            "short": self._short,
            "statuses": {str(status): count for status, count in self._statuses.items()},
            "latency_ms": {name: 1000 * _at(ordered, share) for name, share in SHARES.items()},
            "mean_s": sum(ordered) / max(len(ordered), 1),
            "within_5_s": self._in_time / max(self.answered + self.lost, 1),
            "exhausted": exhausted,
            "kept": [base64.b64encode(body).decode() for body in self._kept],
        }


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
