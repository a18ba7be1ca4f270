"""PostgreSQL and Redis of our own, for every machine that was given none.

    with running_servers(settings) as servers:
        servers.database_url, servers.redis_url

A server the settings name by URL is used as it is; nothing is started or stopped for it.
"""

from jifen.runtime.servers.embedded import Servers, embedded_servers, running_servers
from jifen.runtime.servers.errors import (
    DataDirRefused,
    DataUnreachable,
    IncompatibleData,
    ServerBusy,
    ServersError,
    ServerStartFailed,
)

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
