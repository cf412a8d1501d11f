"""What holds for every rule, whatever a sender says: none fails, and all findings are well formed."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.analysis.diagnosis import patches
from diagnostics.analysis.diagnosis.case import Case, EvidenceFile, SeenEvent, SeenSeries, Usual
from diagnostics.analysis.diagnosis.finding import Finding
from diagnostics.analysis.diagnosis.rules import RULES
from diagnostics.analysis.launch import analyse
from diagnostics.analysis.start_class import Start, start_class
from diagnostics.records import NS_PER_SECOND, Category, Event, Kind, Phase, PhaseStatus, SampleSeries
from tests.analysis.diagnosis.cases import START
from tests.analysis.launches import launches

WORDS = (
    "client socket has timed out after 600000ms while trying to connect to (10.0.0.1, 7)",
    "Watchdog caught collective operation timeout: WorkNCCL(OpType=ALLREDUCE) ran for 600021 milliseconds",
    "Temporary failure in name resolution",
    "connect ECONNREFUSED 10.0.0.9:5432",
    "x509: certificate has expired",
    "NET/Socket : Using [0]eth0",
    "nRanks 16 nNodes 2",
    "Compiling a graph for dynamic shape takes 31.40 s",
    "Directly load the compiled graph(s) for shape None from the cache, took 6.2 s",
    "enforce_eager=True load_format=dummy",
    "Using a slow tokenizer.",
    "replicas that have taken more than 30s to be scheduled",
    "",
)
KUBE = (
    "Scheduled",
    "FailedScheduling",
    "Pulling",
    "Pulled",
    "Failed",
    "BackOff",
    "Killing",
    "FailedMount",
    "Unhealthy",
)
names = st.sampled_from(
    ["model-load", "weights-load", "graph-compile", "tokenizer-init", "rendezvous", "image-pull x", "scheduled", "a"]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**62) | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "yes", "x", "120", "***"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["TP0", "TP1", "resolve"]), inner),
    max_leaves=4,
)  # fmt: skip
told_keys = (
    "ranks", "bytes", "precision_ns", "peer", "reason", "waiting_for", "ms", "image",
)  # fmt: skip


@st.composite
def phases(draw: st.DrawFn) -> list[Phase]:
    """Launches of some seconds, with attributes that say anything."""
    return [
        msgspec.structs.replace(
            told,
            name=draw(names),
            start_time=START + told.start_time * NS_PER_SECOND,
            duration=told.duration * NS_PER_SECOND,
            status=draw(st.sampled_from(PhaseStatus)),
            attributes=draw(st.dictionaries(st.sampled_from(told_keys), anything, max_size=2)),
        )
        for told in draw(launches().filter(bool))
    ]


@st.composite
def events(draw: st.DrawFn) -> SeenEvent:
    """A line of a log, a probe's answer, or an event of a pod."""
    kind = draw(st.sampled_from(["log", "probe", "k8s"]))
    time = START + draw(st.integers(-5, 40)) * NS_PER_SECOND
    if kind == "log":
        return SeenEvent(kind, Event(time, draw(st.sampled_from(WORDS)), line=1, category=Category.OTHER))
    if kind == "probe":
        keys = st.sampled_from(
            ["ok", "timeout_s", "stages", "reason", "state", "layer", "expected", "actual", "advice"]
        )
        fields = draw(st.dictionaries(keys, anything, max_size=6))
        source = draw(st.sampled_from(["dns", "tcp", "config", "clock-offset", "orders-db"]))
        return SeenEvent(kind, Event(time, "it is late", source, 1, fields=fields))
    reason = draw(st.sampled_from(KUBE))
    fields = {"reason": reason, "object": "Pod/p-0", "count": draw(st.integers(0, 9)), "first": time - 5, "last": time}
    if reason == "Pulled" and draw(st.booleans()):
        fields |= {"pull_ns": draw(st.integers(0, 10**11)), "image": "glm", "size_bytes": draw(st.integers(0, 10**11))}
    if reason in ("Killing", "Unhealthy"):
        fields["probe"] = draw(st.sampled_from(["startup", "liveness", "readiness"]))
    text = f"{reason}: {draw(st.sampled_from(['', 'Failed to pull image', '0/1 nodes are available', 'x509']))}"
    return SeenEvent(kind, Event(time, text, "kubelet", 3, NS_PER_SECOND, category=_category(reason), fields=fields))


def _category(reason: str) -> Category:
    return {
        "Pulling": Category.IMAGE_PULL,
        "Pulled": Category.IMAGE_PULL,
        "Failed": Category.IMAGE_PULL,
        "Scheduled": Category.SCHEDULING,
        "FailedScheduling": Category.SCHEDULING,
        "BackOff": Category.BACKOFF,
        "Unhealthy": Category.PROBE_FAILED,
        "Killing": Category.CONTAINER,
    }.get(reason, Category.OTHER)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    told = draw(phases())
    metrics = st.sampled_from(["process.cpu_percent", "process.read_kb", "disk.read_kb", "cpu.idle", "process.rss_kb"])
    samples = [
        SeenSeries("host", SampleSeries(metric, "all", [START + n * NS_PER_SECOND for n in range(30)], [value] * 30))
        for metric, value in draw(st.dictionaries(metrics, st.floats(0, 1e6), max_size=4)).items()
    ]
    probe = {"period_s": draw(st.integers(1, 20)), "failure_threshold": 3, "budget_s": draw(st.integers(1, 60))}
    pods = [{"name": "p-0", "containers": [{"name": "glm", "restarts": 2, "probes": {"startup": probe}}]}]
    history = st.lists(st.integers(1, 10**11), max_size=5).map(lambda durations: Usual(sorted(durations)))
    return Case(
        analyse(told, {}),
        service=draw(st.sampled_from(["", "glm"])),
        labels=draw(
            st.dictionaries(
                st.sampled_from(["compile_cache", "weights_present", "files_cached_share", "files_bytes", "storage"]),
                st.sampled_from(["hit", "miss", "yes", "no", "0.5", "1.0", "12", "nfs4", "²"]),
            )
        ),
        config=draw(
            st.dictionaries(
                st.sampled_from(["MODEL_LOAD_TIMEOUT", "A"]),
                st.dictionaries(st.sampled_from(["expected", "actual"]), anything),
            )
        ),
        files=[
            EvidenceFile("log", Kind.CONTAINER_LOG),
            EvidenceFile("probe", Kind.PROBE),
            EvidenceFile("k8s", Kind.K8S_EVENTS),
            EvidenceFile("pod", Kind.K8S_POD, {"pods": pods}),
        ],
        events=sorted(draw(st.lists(events(), max_size=8)), key=lambda seen: seen.event.time),
        samples=samples,
        usual=draw(
            st.dictionaries(st.sampled_from(["", "model-load", "weights-load", "a/compiled-graph-load"]), history)
        ),
    )


@settings(max_examples=40)
@given(cases())
def test_no_rule_fails_and_every_finding_is_well_formed(told: Case) -> None:
    for rule in RULES:
        for finding in rule(told):
            _check(finding)


def _check(finding: Finding) -> None:
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", finding.reason)
    assert finding.text.strip() == finding.text
    assert finding.text[-1] in ".!?"
    assert 0 <= finding.confidence <= 1
    assert isinstance(finding.cost, int)
    assert finding.cost >= 0
    assert finding.evidence_for
    numbers = [value for value in (finding.expected, finding.actual) if isinstance(value, (int, float))]
    assert not numbers or finding.unit, finding.reason
    for document in yaml.safe_load_all(finding.patch) if finding.patch else ():
        assert isinstance(document, dict)


@settings(max_examples=40)
@given(cases())
def test_a_class_is_told_by_facts_or_not_at_all(told: Case) -> None:
    found = start_class(told)
    assert bool(found.decided_by) == (found.start is not Start.UNKNOWN)
    assert found.text.endswith(".")


def test_patches_name_what_they_patch() -> None:
    told: Any = yaml.safe_load(patches.deployment("", "glm", {}))
    assert told["metadata"]["name"] == "glm"
