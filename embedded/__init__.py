"""PostgreSQL and Redis of our own, for every machine that was given none.

    with running_servers(settings) as servers:
        servers.database_url, servers.redis_url

A server the settings name by URL is used as it is; nothing is started or stopped for it.
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
