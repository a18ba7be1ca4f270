"""Embedded PostgreSQL and Redis, for installations whose settings name none.

    with running_servers(settings) as servers:
        servers.database_url, servers.redis_url

A server that the settings name by URL is used as it is, and neither started nor stopped.
"""

from embedded.errors import (
    DataDirRefused,
    DataUnreachable,
    IncompatibleData,
    ServerBusy,
    ServersError,
    ServerStartFailed,
)
from embedded.servers import Servers, embedded_servers, running_servers

__all__ = [
    "DataDirRefused",
    "DataUnreachable",
    "IncompatibleData",
    "ServerBusy",
    "ServerStartFailed",
    "Servers",
    "ServersError",
    "embedded_servers",
    "running_servers",
]
