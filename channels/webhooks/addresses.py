"""Which addresses a webhook may have: public ones over HTTPS, so that a partner cannot make the server reach into its own network.

A name is resolved by `PublicResolver` at every send, and the connection goes to what was resolved, so that a name which leads to a
private address later is refused as well. Redirects are not followed.
"""

import errno
import ipaddress
import socket
from typing import Final
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from typing_extensions import override

LONGEST: Final = 500


class AddressRefused(ValueError):
    """The address cannot be a webhook's; the message is one Chinese sentence."""


class PrivateAddress(OSError):
    """The name leads to an address that is not public."""


def check_address(url: str, *, private_allowed: bool) -> str:
    """The address as it is stored. Raises AddressRefused."""
    if len(url) > LONGEST or any(character <= " " or character == "\x7f" for character in url):
        raise AddressRefused(f"网址最多 {LONGEST} 个字符，不能有空格。")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise AddressRefused("这不是网址。") from error
    if parts.scheme not in (("https", "http") if private_allowed else ("https",)) or not host:
        raise AddressRefused("网址要以 https:// 开头。")
    if parts.username or parts.password or parts.fragment:
        raise AddressRefused("网址里不能带用户名、密码或 # 之后的部分。")
    if not private_allowed and (is_private(host) or host == "localhost" or host.endswith(".localhost")):
        raise AddressRefused("网址要在公网上，不能是内网或本机的地址。")
    return url


def is_private(host: str) -> bool:
    """Whether the host is an IP address that is not public; false for a name."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return not mapped.is_global or mapped.is_multicast


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only."""

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or ThreadedResolver()

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name. Raises PrivateAddress if any of them is not public."""
        found = await self._inner.resolve(host, port, family)
        if any(is_private(one["host"]) for one in found):
            raise PrivateAddress(errno.EACCES, f"{host} leads to a private address")
        return found

    @override
    async def close(self) -> None:
        """Close the resolver beneath."""
        await self._inner.close()
