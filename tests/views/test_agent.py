"""The agent as the server hands it out."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from django.test import Client


def test_the_agent_is_served_with_its_digest(client: Client, tmp_path: Path) -> None:
    response = client.get("/agent.pyz")
    digest = hashlib.sha256(response.content).hexdigest()
    assert (response.status_code, response["X-Checksum-Sha256"]) == (200, digest)
    assert client.get("/agent.pyz.sha256").content.decode() == f"{digest}  agent.pyz\n"
    assert client.get("/agent.pyz", headers={"If-None-Match": f'"{digest}"'}).status_code == 304
    assert client.post("/agent.pyz").status_code == 405

    file = tmp_path / "agent.pyz"
    file.write_bytes(response.content)
    done = subprocess.run([sys.executable, "-I", file, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "dump-launch-sequence" in done.stdout
