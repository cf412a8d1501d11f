"""The commands as people type them, against real dependencies and a real server."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from diagnostics.agent.__main__ import main
from tests.agent.launches import judged, series, url_of
from tests.agent.probing.listening import free_port, listening, saying, silent
from tests.conftest import wait_until
from tests.data.snapshots import phase, snapshot
from tests.durability.instance import Instance

Printed = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LAUNCHSCOPE_SPOOL", str(tmp_path / "spool"))
    for name in ("LAUNCHSCOPE_URL", "LAUNCHSCOPE_TOKEN", "LAUNCHSCOPE_SERVICES", "MASTER_ADDR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def known(served: Instance, monkeypatch: pytest.MonkeyPatch) -> Instance:
    monkeypatch.setenv("LAUNCHSCOPE_URL", url_of(served))
    monkeypatch.setenv("LAUNCHSCOPE_TOKEN", served.token)
    return served


PROBE = ["glmctl", "--probe-timeout", "5", "runtime-scope"]
QUICK = ["--count", "3", "--interval", "1ms"]


def test_a_healthy_dependency(capsys: Printed) -> None:
    with listening(saying(b"+PONG\r\n")) as port:
        assert main([*PROBE, f"redis://127.0.0.1:{port}", *QUICK]) == 0
    out = capsys.readouterr().out
    assert "    5 s       3  100.0 %           0 of 3  0.0 %          56.1 %  ← recommended" in out
    assert "3 rounds with an answer are few, 10 would say more" in out


def test_one_that_is_down(capsys: Printed) -> None:
    assert main([*PROBE, f"tcp://127.0.0.1:{free_port()}", *QUICK, "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["recommendation"] == {
        "timeout_s": None,
        "because": "not one probe of 10 s succeeded: mend the dependency first",
        "enough_data": False,
    }
    assert {probe["reason"] for probe in document["probes"]} == {"refused"}
    assert len(document["probes"]) == 6


def test_one_slower_than_the_shorter_timeout(capsys: Printed) -> None:
    def slow(connection: Any) -> None:
        connection.recv(100)
        time.sleep(0.3)
        connection.sendall(b"+PONG\r\n")

    with listening(slow) as port:
        words = ["glmctl", "--probe-timeout", "50ms", "runtime-scope", f"redis://127.0.0.1:{port}", *QUICK]
        assert main([*words, "--timeouts", "20", "--json"]) == 0
    short, long = json.loads(capsys.readouterr().out)["timeouts"]
    assert (short["false_positives"], short["false_positive_rate"], long["success_share"]) == (3, 1.0, 1.0)


def test_probes_reach_the_server(known: Instance, capsys: Printed) -> None:
    with listening(saying(b"+PONG\r\n")) as port:
        words = [
            *PROBE,
            f"redis://127.0.0.1:{port}",
            *QUICK,
            "--upload",
            "--service",
            "open-autoglm",
            "--host",
            "gpu-07",
        ]
        assert main(words) == 0
    wait_until(lambda: _spool_is_empty(), "the spool to be sent")


def _spool_is_empty() -> bool:
    folder = Path(os.environ["LAUNCHSCOPE_SPOOL"])
    assert not list(folder.glob("*.refused")), [file.read_text() for file in folder.glob("*.reason")]
    return folder.exists() and not list(folder.glob("*.spooled"))


def test_phases_of_a_service(known: Instance, capsys: Printed) -> None:
    series(known, 1000, 1100, 1200, 1300, 1400)
    assert main(["diag-glm", "init-trace", "--service", "open-autoglm"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "launches: 5 (1.0, 1.1, 1.2, 1.3, 1.4)",
        "",
        "phase       launches   mean, ms        ±    share  trend",
        "----------  --------  ---------  -------  -------  -----",
        "total              5  1,200.000  158.114  100.0 %  ↑",
        "step-0             5    100.000    0.000    8.3 %  →",
        "step-1             5  1,100.000  158.114   91.7 %  ↑",
        "(no phase)         5      0.000    0.000    0.0 %  →",
    ]


def test_phases_of_files(tmp_path: Path, capsys: Printed) -> None:
    file = tmp_path / "launch.json"
    file.write_text(json.dumps([phase("boot", 0, 100), phase("serve", 100, 300)]))
    assert main(["diag-glm", "init-trace", str(file), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [(row["phase"], row["mean_ns"], row["share"]) for row in document["phases"]] == [
        ("boot", 100_000_000, 0.25),
        ("serve", 300_000_000, 0.75),
    ]


def test_small_and_deep_phases_are_counted_not_shown(tmp_path: Path, capsys: Printed) -> None:
    file = tmp_path / "launch.json"
    parts = [phase("boot", 0, 1000, id="b"), phase("deep", 0, 500, parent="b"), phase("tiny", 1000, 5)]
    file.write_text(json.dumps(snapshot(*parts)))
    assert main(["diag-glm", "init-trace", str(file), "--depth", "1"]) == 0
    out = capsys.readouterr().out
    assert "phases not shown: 2" in out
    assert main(["diag-glm", "init-trace", str(file), "--least", "0"]) == 0
    assert "phases not shown" not in capsys.readouterr().out


@pytest.mark.parametrize(("content", "code"), [(None, 3), ("{", 2), ('{"a": 1}', 2)])
def test_a_file_that_is_none(tmp_path: Path, content: str | None, code: int, capsys: Printed) -> None:
    file = tmp_path / "launch.json"
    if content is not None:
        file.write_text(content)
    assert main(["diag-glm", "init-trace", str(file), "--json"]) == code
    printed = capsys.readouterr()
    assert json.loads(printed.out)["error"]["code"] == code
    assert str(file) in printed.err


def test_a_trace_by_its_id(known: Instance, capsys: Printed) -> None:
    document = snapshot(phase("pull", 0, 100), phase("load", 100, 900), labels={"request_id": "req-1"})
    launch = judged(known, document)
    assert main(["diagnose", "trace", "--request-id", "req-1", "--timeout", "20s"]) == 0
    title, _, _, pull, load, _, last = capsys.readouterr().out.splitlines()
    assert title == f"{launch}, open-autoglm, success"
    assert pull.startswith("pull  100 ms  ████")
    assert load.endswith("◀ bottleneck")
    assert last == "Bottleneck: load, 900 ms of 1.00 s (90.0 %)"


def test_a_trace_nobody_has(known: Instance, capsys: Printed) -> None:
    assert main(["diagnose", "trace", "--request-id", "nope", "--json"]) == 4
    assert "“nope”" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_status_of_a_service(known: Instance, capsys: Printed) -> None:
    series(known, 1000)
    words = ["diagnose", "status", "--service", "open-autoglm", "--health", f"{url_of(known)}/healthz", "--wait", "20"]
    assert main([*words, "--json"]) == 0
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["last-launch"]["message"].startswith("last launch ready after 1.00 s")
    assert checks["health"]["state"] == "good"
    assert {"memory", "pressure-io", "disk-space"} <= set(checks)


def test_status_does_not_wait_for_the_silent(capsys: Printed) -> None:
    with listening(silent) as port:
        words = ["diagnose", "status", "--service", "x", "--server", f"http://127.0.0.1:{port}", "--token", "t"]
        assert main([*words, "--health", f"http://127.0.0.1:{port}/", "--wait", "50ms"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["unknown", "unknown"]


def test_status_of_a_service_that_is_down(capsys: Printed) -> None:
    assert main(["diagnose", "status", "--health", f"tcp://127.0.0.1:{free_port()}", "--wait", "20"]) == 1
    assert capsys.readouterr().out.startswith("FAILED   application  nothing listens")


def test_a_deep_probe(known: Instance, tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weights.bin").write_bytes(os.urandom(9_000_000))
    (tmp_path / "expected.env").write_text("MODEL_LOAD_TIMEOUT=300\nHF_TOKEN=hf_right\n")
    monkeypatch.setenv("MODEL_LOAD_TIMEOUT", "60")
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    words = [
        "diagnose",
        "probe",
        f"{url_of(known)}/healthz",
        "--path",
        str(tmp_path),
        "--expect",
        str(tmp_path / "expected.env"),
    ]
    assert main([*words, "--json", "--upload", "--service", "open-autoglm", "--timeout", "20"]) == 1
    out = capsys.readouterr().out
    document = json.loads(out)
    checks = {check["name"]: check for check in document["checks"]}
    assert {"dns", "tcp", "protocol", "disk-space", "read-throughput", "memory", "clock-offset", "config"} <= set(
        checks
    )
    assert ("300", "60") in [(check["expected"], check["actual"]) for check in document["checks"]]
    assert (document["schema"], document["type"], document["service"]) == (1, "deep", "open-autoglm")
    assert "hf_" not in out
    wait_until(lambda: _spool_is_empty(), "the spool to be sent")


def test_the_deep_probe_tells_what_to_do(capsys: Printed) -> None:
    port = free_port()
    assert main(["diagnose", "probe", f"redis://127.0.0.1:{port}", "--kernel-since", "1s"]) == 1
    out = capsys.readouterr().out
    assert f"FAILED   network      nothing listens at 127.0.0.1:{port}" in out
    assert "→ The host is there but nothing listens: start it, or correct the port." in out
    assert out.splitlines()[-1].startswith("1 failed, ")


def test_chinese_all_the_way(capsys: Printed) -> None:
    assert (
        main(["diagnose", "status", "--lang", "zh", "--health", f"tcp://127.0.0.1:{free_port()}", "--wait", "20"]) == 1
    )
    assert capsys.readouterr().out.startswith("故障     application  127.0.0.1:")
