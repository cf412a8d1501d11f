"""tcp and tls: a connection that opens is all there is to see."""

from __future__ import annotations

from typing import Any, Dict

from diagnostics.agent.probing.connection import Connection


def handshake(connection: Connection) -> Dict[str, Any]:
    version = connection.tls_version()
    return {"tls": version} if version else {}
