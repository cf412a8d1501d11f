"""``kind=auto`` is right on every file that was collected, and takes nothing for what it is not."""

from __future__ import annotations

import json

import pytest

from diagnostics.parsers import PARSERS, RECOGNISERS, Source, sniff
from diagnostics.records import Kind
from tests.parsers.shared_samples import SAMPLES, here_only, names

FOLDERS = {
    "sar": Kind.SAR,
    "sadf": Kind.SADF,
    "dmesg": Kind.KERNEL_LOG,
    "oom": Kind.KERNEL_LOG,
    "container-logs": Kind.CONTAINER_LOG,
    "importtime": Kind.PYTHON_IMPORTTIME,
    "systemd": Kind.SYSTEMD_ANALYZE,
    "df": Kind.DF,
    "net": None,
    "k8s": None,
    "traces": None,
}
FILES = [(folder, name) for folder in FOLDERS for name in names(folder)]


@here_only
def test_every_folder_of_samples_has_its_kind() -> None:
    assert {path.name for path in SAMPLES.iterdir() if path.is_dir()} == set(FOLDERS)
    assert len(FILES) >= 200


@here_only
@pytest.mark.parametrize(("folder", "name"), FILES, ids=lambda value: value)
def test_samples(folder: str, name: str) -> None:
    kind = kind_of(folder, name)
    found = sniff((SAMPLES / folder / name).read_bytes())
    # A kind whose parser is still to come is not guessed to be another.
    assert found == (kind if kind in RECOGNISERS else None)


def kind_of(folder: str, name: str) -> Kind | None:
    if folder == "traces":
        if name.startswith(("hta-", "speedscope-", "viztracer-")):
            return Kind.CHROME_TRACE
        # What the console exporter prints is no OTLP.
        return None if "console-exporter" in name else Kind.OTLP
    if folder == "net":
        return Kind.PING if "ping" in name else Kind.TRACEROUTE
    return _kind_of_object(name) if folder == "k8s" else FOLDERS[folder]


def _kind_of_object(name: str) -> Kind:
    """Pods are pods; what is told of other objects are their events."""
    content = (SAMPLES / "k8s" / name).read_text()
    if name.endswith(".json"):
        document = json.loads(content)
        first = document.get("items", [document])[0]
        return Kind.K8S_EVENTS if "involvedObject" in first else Kind.K8S_POD
    is_pod = content.startswith("Name:") and "\nNode: " in content
    return Kind.K8S_POD if is_pod else Kind.K8S_EVENTS


def test_what_is_recognised_can_be_parsed() -> None:
    assert set(RECOGNISERS) == set(PARSERS)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"hello\n",
        b"\x00\x01\x02\x03",
        b"{}",
        b"[]",
        b"[1, 2, 3]",
        b'{"a": 1}',
        b'{"kind": "Deployment", "spec": {"template": {"spec": {"containers": []}}}}',
        b'{"resourceThings": []}',
        b"a,b,c\n1,2,3\n",
        b"<html><body>404</body></html>",
        b"Name,Age\nPod,3\n",
        b"a = 1\n",
        b"def f(x):\n    return x\n",
        b"ping pong is a game\n",
        b"the filesystem is 30% full\n",
        b"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  creationTimestamp: 2026-11-24T18:06:07Z\n",
    ],
)
def test_other_files_are_no_kind(content: bytes) -> None:
    assert sniff(content) is None


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"kind": "PodList", "items": [{"metadata": {"name": "a"}, "spec": {"containers": []}}]}', Kind.K8S_POD),
        (b'{"items": [{"involvedObject": {"kind": "Pod"}, "reason": "Pulled"}], "kind": "EventList"}', Kind.K8S_EVENTS),
        (b'{"type": "ADDED", "object": {"kind": "Event", "reason": "Pulled"}}\n' * 2, Kind.K8S_EVENTS),
        (b'{\n  "kind": "Pod",\n  "metadata": {}\n}\n{\n  "kind": "Pod",\n  "metadata": {}\n}\n', Kind.K8S_POD),
        (b'\xef\xbb\xbf{"kind": "Event", "metadata": {}}', Kind.K8S_EVENTS),
        (b'{"items": [{"lastTimestamp": "2022-08-24T11:40:44Z", "reason": "A", "message": ""}]}', Kind.K8S_EVENTS),
        (b"apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n", Kind.K8S_POD),
        (b"58m   Normal   Scheduled   pod/a   Successfully assigned x/a to n\n", Kind.K8S_EVENTS),
        (b"NAMESPACE   LAST SEEN   TYPE   REASON   OBJECT   MESSAGE\r\n", Kind.K8S_EVENTS),
        (b"Filesystem Size Used Avail Use% Mounted on\n", Kind.DF),
        ("Dateisystem 1K-Blöcke Benutzt Verfügbar Verw% Eingehängt auf\n/dev/sda1 9 4 5 45% /\n".encode(), Kind.DF),
        (b"df: /mnt: Stale file handle\nFilesystem 1K-blocks Used Available Use% Mounted on\n", Kind.DF),
        (b"Pinging google.com [142.250.1.1] with 32 bytes of data:\r\nRequest timed out.\r\n", Kind.PING),
        (b"ping: bad address 'nohost'\n", Kind.PING),
        (b"64 bytes from 1.1.1.1: seq=0 ttl=55 time=12.345 ms\n", Kind.PING),
        (b"\r\nTracing route to google.com [142.250.1.1]\r\nover a maximum of 30 hops:\r\n", Kind.TRACEROUTE),
        (b"Start: 2026-11-23T10:00:00+0000\nHOST: a   Loss%   Snt   Last   Avg  Best  Wrst StDev\n", Kind.TRACEROUTE),
        (b'{"report": {"mtr": {"src": "a", "dst": "b"}, "hubs": []}}', Kind.TRACEROUTE),
        (b" 1?: [LOCALHOST]                      pmtu 1500\n", Kind.TRACEROUTE),
        (b'{"TIMEOUT": {"expected": "300", "actual": "60"}}', Kind.CONFIG),
        (b'{"expected": {"TIMEOUT": "300"}, "actual": {"TIMEOUT": "60"}}', Kind.CONFIG),
        (b"# comment\nexport TIMEOUT=60\nHF_HOME=/models\n", Kind.CONFIG),
        (b"[server]\nport = 80\n", Kind.CONFIG),
        (b'{"traceEvents": [{"ph": "X", "ts": 1, "dur": 2, "name": "a"}]}', Kind.CHROME_TRACE),
        (b'\n[\n{"name":"a","ph":"B","ts":0},', Kind.CHROME_TRACE),
        (b"\nA=1\nB=2\nC=3\nD=4\nE=first\nsecond line\nF_=6\n_=/usr/bin/env\n", Kind.CONFIG),
    ],
)  # fmt: skip
def test_forms_of_which_there_is_no_sample(content: bytes, kind: Kind) -> None:
    assert sniff(content) == kind


def test_a_recogniser_takes_any_bytes() -> None:
    for content in (b"", b"{", b"[", b'{"items": [', b'{"a": "\\ud800', b"\xff\xfe", b"[" * 65_536, b'{"a":' * 13_000):
        for recognise in RECOGNISERS.values():
            assert recognise(Source.of(content).head()) in (True, False)
