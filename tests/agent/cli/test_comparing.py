"""The gate as CI runs it: on files alone, and through a real server."""

from __future__ import annotations

import json
import random
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from diagnostics.agent.__main__ import main
from tests.agent.launches import judged, url_of
from tests.data.snapshots import phase, sequence, snapshot
from tests.durability.instance import Instance

Printed = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("LAUNCHSCOPE_URL", "LAUNCHSCOPE_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def noisy(number: int, *durations: int) -> Any:
    chance = random.Random(number)
    return sequence(*(round(ms * chance.uniform(0.99, 1.01)) for ms in durations), number=number)


def written(folder: str, count: int, *durations: int, start: int = 0) -> None:
    Path(folder).mkdir(exist_ok=True)
    for number in range(start, start + count):
        Path(folder, f"{number}.json").write_text(json.dumps(noisy(number, *durations)))


def compare(*more: str, baseline: str = "old/*.json", candidate: str = "new/*.json") -> int:
    return main(["compare", "--baseline", baseline, "--candidate", candidate, "--fail-on", "regressed", *more])


@pytest.mark.parametrize(
    ("count", "durations", "code", "words"),
    [
        (5, (400, 1000), 0, "Not slower"),
        (5, (400, 1600), 1, "Slower: the total, and 1 phase"),
        (5, (400, 600), 0, "Faster: the total"),
        (5, (400, 1005), 0, "Not slower"),
        (5, (500, 900), 1, "Slower: 1 phase; the total is not surely so"),
        (3, (400, 1600), 1, "Slower: the total\n"),
        (3, (400, 1005), 0, "Not slower"),
        (2, (400, 1600), 2, "Cannot tell: 2 and 2 launches are too few"),
    ],
)
def test_files(capsys: Printed, count: int, durations: tuple[int, ...], code: int, words: str) -> None:
    written("old", 5, 400, 1000)
    written("new", count, *durations, start=5)
    for number in range(count, 5):  # as few on both sides
        Path(f"old/{number}.json").unlink()
    assert compare() == code
    assert capsys.readouterr().out.startswith(words)


def test_the_total_alone_may_decide(capsys: Printed) -> None:
    written("old", 5, 400, 1000)
    written("new", 5, 500, 900, start=5)
    assert compare("--fail-on", "total") == 0


def test_a_list_of_files_is_a_selection(capsys: Printed) -> None:
    written("old", 4, 400, 1000)
    written("new", 4, 400, 1600, start=4)
    files = ["new/4.json", " new/5.json", "new/6.json", "new/7.json", "new/7.json"]
    assert compare("--json", candidate=",".join(files)) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["verdict"], document["exit_code"], document["candidate"]["runs"]) == ("regressed", 1, 4)
    total = document["total"]
    assert total["ratio"] == pytest.approx(2000 / 1400, rel=0.02)
    assert total["low"] < total["ratio"] < total["high"]
    assert {delta["phase"]: delta["verdict"] for delta in document["phases"]} == {
        "step-0": "not enough data", "step-1": "not enough data",  # two tests at once are more than 4 launches can bear
    }  # fmt: skip


def test_failed_launches_are_left_out_and_counted(capsys: Printed) -> None:
    written("old", 5, 400, 1000)
    written("new", 5, 400, 1600, start=5)
    Path("new/failed.json").write_text(json.dumps(snapshot(phase("boot", 0, 9, status="failed"))))
    assert compare() == 1
    assert "left out, since they did not become ready: 1" in capsys.readouterr().out
    for number in range(5, 10):
        Path(f"new/{number}.json").unlink()
    assert compare() == 2  # all of the candidate failed


def test_appearing_and_short_phases(capsys: Printed) -> None:
    written("old", 6, 400, 1000)
    for number in range(6):
        document = noisy(number, 400, 1000, 300)
        document["phases"].append(phase("tiny", number, 1))
        Path("new").mkdir(exist_ok=True)
        Path(f"new/{number}.json").write_text(json.dumps(document))
    assert compare("--json") == 1
    told = {delta["phase"]: delta for delta in json.loads(capsys.readouterr().out)["phases"]}
    assert (told["step-2"]["verdict"], told["step-2"]["baseline_ns"], told["step-2"]["ratio"]) == (
        "regressed",
        None,
        None,
    )
    assert {delta["verdict"] for name, delta in told.items() if name.endswith("tiny")} == {"unchanged"}


def test_junit(capsys: Printed) -> None:
    written("old", 5, 400, 1000)
    written("new", 5, 400, 1600, start=5)
    assert compare("--format", "junit", "--output", "out.xml") == 1
    assert capsys.readouterr().err.startswith("Slower: the total")
    suite = ET.parse("out.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "2", "0")
    failed = [case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None]
    assert failed == ["total", "step-1"]


def test_markdown_escapes_names(capsys: Printed) -> None:
    for folder, duration in (("old", 1000), ("new", 2000)):
        Path(folder).mkdir()
        for number in range(5):
            made = snapshot(phase("a|b <img> `x` @all\n", 0, duration + number))
            Path(folder, f"{number}.json").write_text(json.dumps(made))
    assert compare("--format", "markdown") == 1
    out = capsys.readouterr().out
    assert out.startswith("### ❌ Slower")
    assert r"a\|b &lt;img&gt; \`x\` \@all" in out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ({"baseline": "none/*.json"}, 2, "no file is there for “none/*.json”"),
        ({"baseline": "service=x"}, 2, "one side is files and the other is not"),
        ({"baseline": "service=x", "candidate": "service=y"}, 2, "--server, --token"),
        ({"baseline": "broken.json"}, 2, "broken.json is not a snapshot"),
        ({"baseline": "old"}, 3, "old cannot be read"),
    ],
)
def test_what_it_says_when_it_cannot(capsys: Printed, arguments: dict[str, str], code: int, words: str) -> None:
    written("old", 1, 400)
    written("new", 1, 400)
    Path("broken.json").write_text("[")
    with pytest.raises(SystemExit) as ended:
        raise SystemExit(compare(**arguments))
    assert ended.value.code == code
    assert words in capsys.readouterr().err


def test_chinese(capsys: Printed) -> None:
    written("old", 5, 400, 1000)
    written("new", 5, 400, 1600, start=5)
    assert compare("--lang", "zh") == 1
    assert capsys.readouterr().out.startswith("变慢：总时间，以及 1 个阶段")


def test_through_a_real_server(served: Instance, monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    monkeypatch.setenv("LAUNCHSCOPE_URL", url_of(served))
    monkeypatch.setenv("LAUNCHSCOPE_TOKEN", served.token)
    ids = []
    for number in range(20):
        document = noisy(number, 400, 1000 if number < 12 else 2000)
        ids.append(judged(served, {**document, "version": "1.0" if number < 12 else "2.0"}))
    selections = {"baseline": "service=open-autoglm,version=1.0", "candidate": "service=open-autoglm,version=2.0"}
    assert compare(**selections) == 1
    assert "step-1" in capsys.readouterr().out
    assert compare("--json", **selections) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["verdict"], len(document["candidate"]["launches"])) == ("regressed", 8)
    assert document["candidate"]["launches"] == ids[:11:-1]
    assert compare(baseline=",".join(ids[:6]), candidate=",".join(ids[6:12])) == 0
    assert compare(baseline=ids[0], candidate=ids[1]) == 2  # one against one
    assert compare(baseline="service=nobody", candidate="service=open-autoglm") == 2
    assert "No parsed launch matches" in capsys.readouterr().err
    monkeypatch.setenv("LAUNCHSCOPE_TOKEN", "lsr_wrong")
    assert compare(**selections) == 3
