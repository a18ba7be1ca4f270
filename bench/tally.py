"""Counts the responses to a load: by status, with their latencies, and those that did not arrive."""

import base64
from array import array
from collections import Counter
from collections.abc import Callable
from typing import Any

from bench.chat_answers import LOST

CLIENT_TIMEOUT_S = 5.0
"""How long WeChat waits for an answer."""

ANSWERED = 200
KEEP_EVERY = 997
SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}


class Tally:
    """Counts responses; `window` is the measured interval, on the clock of `time.perf_counter`.

    `keep_all`: every body is kept, so that `kinds` can tell afterwards, outside the measured interval, what was answered.
    """

    def __init__(self, *, short_below: int, keep_all: bool = False) -> None:
        self.began = 0.0
        self.window = (0.0, 0.0)
        self.sent = self.answered = self.lost = 0
        self._short_below = short_below
        self._in_window = self._short = self._in_time = 0
        self._last = 0.0
        self._statuses: Counter[int] = Counter()
        self._latencies = array("d")
        self._kept: list[bytes] = []
        self._all: list[tuple[float, int, bytes]] | None = [] if keep_all else None

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
        if self._all is not None:
            self._all.append((now, status, body))

    def kinds(
        self, kind_of: Callable[[int, bytes], tuple[str, str]], good: str, *, exhausted: bool
    ) -> dict[str, Any]:
        """The kept answers by kind, the first text of each kind but the `good` one, and the rate of the good ones alone."""
        since, until = self._measured(exhausted=exhausted)
        kinds: Counter[str] = Counter({LOST: self.lost} if self.lost else {})
        samples: dict[str, str] = {}
        counted = 0
        for at, status, body in self._all or ():
            kind, text = kind_of(status, body)
            kinds[kind] += 1
            counted += kind == good and since <= at <= until
            if kind != good:
                samples.setdefault(kind, text)
        return {"kinds": dict(kinds), "samples": samples, "per_second": counted / max(until - since, 1e-3)}

    def _measured(self, *, exhausted: bool) -> tuple[float, float]:
        """The measured interval; that of the whole load where all was over before the warm-up was."""
        since, until = self.window
        if exhausted:
            until = min(self._last, until)
        return (since, until) if until > since else (self.began, max(until, self._last))

    def as_json(self, *, exhausted: bool) -> dict[str, Any]:
        """The figures. `exhausted`: all requests were sent, so the measured interval ends with the last response."""
        since, until = self._measured(exhausted=exhausted)
        counted = self.answered if since == self.began else self._in_window
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
