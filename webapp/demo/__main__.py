"""Records 12 launches of `program`, sends them to the running server, and says what it made of them."""

from __future__ import annotations

import json
import lzma
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np

from diagnostics.agent.upload import UploadError, opener, upload
from webapp import env
from webapp.credentials import Credentials
from webapp.demo.program import SERVICE

LAUNCHES = 6
OLD, NEW = "1.0.0", "1.1.0"
JUDGED_WITHIN = 60.0


def main() -> int:
    credentials = Credentials.read(env.home() / "credentials.json")
    if credentials is None:
        return refuse(
            f"There are no credentials in {env.home()}: start Launchscope with `make up` in another terminal."
        )
    if not answers(credentials.url):
        return refuse(f"No Launchscope answers at {credentials.url}: start it with `make up` in another terminal.")
    try:
        sent = [upload(snapshot, credentials.url, credentials.ingest_token, 60.0)["id"] for snapshot in record()]
    except UploadError as error:
        return refuse(str(error))
    wait_until_judged(credentials, sent)
    tell(credentials)
    return 0


def refuse(sentence: str) -> int:
    print(f"The demo cannot run. {sentence}", file=sys.stderr)
    return 1


def record() -> Iterator[dict[str, Any]]:
    """12 snapshots, one of a fresh process each; the launch before them fills the page cache and is thrown away."""
    print("Making weights, and one launch of each version to warm up", flush=True)
    with tempfile.TemporaryDirectory(prefix="launchscope-demo-") as directory:
        plain, packed = make_weights(Path(directory))
        run_once(OLD, plain)
        run_once(NEW, packed)
        for version, weights in ((OLD, plain), (NEW, packed)):
            for number in range(1, LAUNCHES + 1):
                snapshot = run_once(version, weights)
                milestones = snapshot["milestones"]
                seconds = (milestones["health_ok"] - milestones["process_start"]) / 1e9
                print(f"  {SERVICE} {version}  launch {number} of {LAUNCHES}: {seconds:.2f} s", flush=True)
                yield snapshot


def make_weights(directory: Path) -> tuple[Path, Path]:
    """32 MB of numbers with little in them, plain and compressed."""
    numbers = np.random.default_rng(7).normal(0, 40, 16 * 1024**2).astype(np.int16)
    plain, packed = directory / "weights.bin", directory / "weights.bin.xz"
    plain.write_bytes(numbers.tobytes())
    packed.write_bytes(lzma.compress(numbers.tobytes(), preset=0))
    (directory / "config.json").write_text(json.dumps({"rows": 512}))
    return plain, packed


def run_once(version: str, weights: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "webapp.demo.program", version, str(weights)]
    done = subprocess.run(command, cwd=env.ROOT, stdout=subprocess.PIPE, check=True)
    snapshot: dict[str, Any] = json.loads(done.stdout)
    return snapshot


def answers(url: str) -> bool:
    try:
        with opener(url).open(f"{url}/healthz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def ask(credentials: Credentials, path: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {credentials.read_token}"}
    request = urllib.request.Request(credentials.url + path, headers=headers)  # noqa: S310 (our own file's address)
    with opener(credentials.url).open(request, timeout=30) as answer:
        return dict(json.loads(answer.read()))


def wait_until_judged(credentials: Credentials, launches: list[str]) -> None:
    deadline = time.monotonic() + JUDGED_WITHIN
    while time.monotonic() < deadline:
        items = ask(credentials, f"/api/v1/launches?service={SERVICE}&limit=100")["items"]
        if set(launches) <= {item["id"] for item in items if item["state"] == "judged"}:
            return
        time.sleep(0.2)


def tell(credentials: Credentials) -> None:
    selectors = {
        name: f"service={SERVICE},environment=demo,version={version},last={LAUNCHES}"
        for name, version in (("baseline", OLD), ("candidate", NEW))
    }
    comparison = ask(credentials, f"/api/v1/compare?{urlencode(selectors)}")
    print(f"\n{NEW} against {OLD}: total {sentence(comparison['total'])}")
    for delta in comparison["phases"][:3]:
        print(f"  {delta['phase']:<32} {sentence(delta)}")
    print(f"\n  Compare  {credentials.url}/compare/?{urlencode(selectors)}")
    print(f"  Service  {credentials.url}/services/{quote(SERVICE)}/")


def sentence(delta: dict[str, Any]) -> str:
    return f"{delta['delta_ns'] / 1e6:+.0f} ms, {delta['verdict']}"


if __name__ == "__main__":
    sys.exit(main())
