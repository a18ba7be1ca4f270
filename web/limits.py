"""Rate limits: how many requests per minute one member, one credential and one address may make.

Each process counts by itself, so that no request waits for Redis, and a Redis that is away neither opens nor closes the door. With
N processes the limits are up to N times as high, which is no matter: they keep a loop from taking a server, not from asking twice.
"""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from time import monotonic
from typing import Final, NamedTuple

from aiohttp import web

from base import gauges
from web.problems import TOO_MANY_REQUESTS, Problem

MOST_KEYS: Final = 100_000
"""How many members or addresses are kept in mind; beyond it the one that asked longest ago is forgotten."""
PERIOD_S: Final = 60.0
SUBSCRIBER_BITS: Final = 64


class RateLimit:
    """At most `per_minute` requests per key in any burst, and as many per minute in the long run; 0 is no limit."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._free_at: OrderedDict[Hashable, float] = OrderedDict()
        """When all that a key has asked would be done if it were done evenly (GCRA's theoretical arrival time)."""

    def wait_s(self, key: Hashable, now_s: float | None = None) -> float:
        """Count a request; 0 if it may go on, else the seconds after which it may come again, and it is not counted."""
        if not self._per_minute:
            return 0.0
        now_s = monotonic() if now_s is None else now_s
        free_at = max(self._free_at.get(key, now_s), now_s) + PERIOD_S / self._per_minute
        wait_s = free_at - PERIOD_S - now_s
        if wait_s <= 0:
            self._free_at[key] = free_at
            if len(self._free_at) > MOST_KEYS:
                self._free_at.popitem(last=False)
        if key in self._free_at:
            self._free_at.move_to_end(key)
        return max(wait_s, 0.0)


class Limits(NamedTuple):
    """The limits of one process; `caller` counts credentials and members."""

    caller: RateLimit
    address: RateLimit

    def check_address(self, http: web.Request) -> None:
        """Raise Problem 429 when the request's address has asked too often."""
        address = address_of(http)
        if address is not None:
            _refuse_if(self.address.wait_s(address), "address")

    def check_caller(self, key: Hashable) -> None:
        """Raise Problem 429 when this caller has asked too often."""
        _refuse_if(self.caller.wait_s(key), "caller")


NO_LIMITS: Final = Limits(RateLimit(0), RateLimit(0))
LIMITS: Final = web.AppKey("limits", Limits)


def address_of(http: web.Request) -> str | None:
    """The client's address; None where it is not known, as behind a proxy that does not tell it.

    A peer whose address is not public is taken for the proxy (load balancers of clouds have addresses in 100.64.0.0/10), and the
    last entry of its `X-Forwarded-For` for the client. Members cannot choose it: their own entries stand before the proxy's.
    """
    return client_of(http.remote or "", http.headers.getall("X-Forwarded-For", []))


def client_of(remote: str, forwarded: Sequence[str]) -> str | None:
    """The client's address, given the peer's and the values of `X-Forwarded-For`, as `address_of` finds it."""
    peer = _address(remote)
    if peer is not None and peer.is_global:
        return _counted(peer)
    client = _address(forwarded[-1].rsplit(",", 1)[-1].strip()) if forwarded else None
    return None if client is None else _counted(client)


def _counted(address: IPv4Address | IPv6Address) -> str:
    """The name under which an address is counted: of IPv6 its first 64 bits, as one subscriber has all addresses behind them."""
    if isinstance(address, IPv4Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped or ip_network((int(address), SUBSCRIBER_BITS), strict=False))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _refuse_if(wait_s: float, counted_by: str) -> None:
    if wait_s > 0:
        gauges.request_limited(counted_by)
        raise Problem(
            TOO_MANY_REQUESTS, "请求太频繁，请稍后再试。", headers={"Retry-After": str(max(1, round(wait_s)))}
        )
