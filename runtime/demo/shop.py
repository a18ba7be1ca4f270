"""The demo's shop: regulars buy something every now and then, and its till reports that to the partner API like any other till."""

import json
import secrets
import threading
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from base.clock import Clock
from runtime.demo.doors import Doors
from runtime.demo.past import HELD, NAMES
from runtime.demo.programme import OWN, Played

PAUSE_S: Final = (8, 30)
REFUND_PERCENT: Final = 5
KEPT_ORDERS: Final = 20

_DICE = secrets.SystemRandom()


class Shop:
    """What the shop remembers: its last orders, some of which are paid back."""

    def __init__(
        self, clock: Clock, report: Callable[[list[dict[str, Any]]], object], sold: Played = OWN
    ) -> None:
        """`report` sends events to the partner API."""
        self._clock, self._report, self._sold = clock, report, sold
        self._orders: deque[dict[str, Any]] = deque(maxlen=KEPT_ORDERS)

    def open_until(self, closed: threading.Event) -> None:
        """Sell until it is closed. A server that is away loses the sale; the next one is reported again."""
        while not closed.wait(_DICE.randint(*PAUSE_S)):
            try:
                self._report([self.next_event()])
            except (urllib.error.URLError, OSError):
                continue

    def next_event(self) -> dict[str, Any]:
        """The next thing that happens: a regular buys something, or sometimes wants their money back."""
        if self._orders and _DICE.randrange(100) < REFUND_PERCENT:
            bought = self._orders.pop()
            return self._event(
                "refund", bought, amount_fen=bought["amount_fen"], refund_of=bought["order_id"]
            )
        number = _DICE.choice([one for one in range(1, len(NAMES) + 1) if one != HELD])
        bought = {
            "member": {"miniapp_openid": f"demo-regular-{number}"},
            "store_id": _DICE.choice(self._sold.stores),
            "amount_fen": _DICE.choice(self._sold.amounts_fen),
            "order_id": f"D{secrets.token_hex(6)}",
        }
        self._orders.append(bought)
        return self._event("purchase", bought, amount_fen=bought["amount_fen"], order_id=bought["order_id"])

    def _event(self, kind: str, bought: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {
            "id": secrets.token_hex(8), "type": kind, "member": bought["member"], "store_id": bought["store_id"],
            "occurred_at": self._clock.now().isoformat(), "channel": "pos", **more,
        }  # fmt: skip


def reporter(doors: Doors) -> Callable[[list[dict[str, Any]]], Any]:
    """A function that reports events over HTTP and returns their results. It raises URLError and OSError."""

    def report(events: list[dict[str, Any]]) -> Any:
        request = urllib.request.Request(  # noqa: S310  # http on this machine
            f"{doors['server']}/partner/v1/events",
            data=json.dumps({"events": events}).encode(),
            headers={"Authorization": f"Bearer {doors['partner_key']}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # as above
            return json.load(answer)["results"]

    return report


@contextmanager
def shop_open(doors: Doors, clock: Clock, sold: Played = OWN) -> Iterator[None]:
    """The shop sells while the block runs, in a thread of its own."""
    closed = threading.Event()
    shop = Shop(clock, reporter(doors), sold)
    thread = threading.Thread(target=shop.open_until, args=(closed,), name="demo-shop", daemon=True)
    thread.start()
    try:
        yield
    finally:
        closed.set()
        thread.join(timeout=15)
