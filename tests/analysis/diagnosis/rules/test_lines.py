"""The rules that read what programs print, on the lines of the collection, and where they must stay silent."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
import yaml

from diagnostics.analysis.diagnosis.case import Case, SeenEvent
from diagnostics.analysis.diagnosis.finding import Finding, Layer, Severity
from diagnostics.analysis.diagnosis.rules.choices import choices
from diagnostics.analysis.diagnosis.rules.compile_cache import compile_cache_lost
from diagnostics.analysis.diagnosis.rules.dependency_lines import dependency_lines, peer_of
from diagnostics.analysis.diagnosis.rules.rdma import rdma_off
from diagnostics.analysis.diagnosis.rules.rendezvous import rendezvous_timeout
from diagnostics.records import Category, Kind
from tests.analysis.diagnosis.cases import SAMPLES, Evidence, case, event, file, ns, phase, reasons, usual

LOG = [file("log", Kind.CONTAINER_LOG)]
LOGS = SAMPLES / "container-logs"
RULES = (choices, compile_cache_lost, dependency_lines, rdma_off, rendezvous_timeout)


def line(seconds: float, text: str, number: int = 1) -> SeenEvent:
    return event(Category.OTHER, seconds, text, artifact="log", line=number)


def log_of(name: str) -> Evidence:
    """A log of the collection, its first line at the launch's start."""
    return Evidence(LOGS / name, Kind.CONTAINER_LOG, 0, year=2026)


# Ranks that look for each other.


def test_a_real_store_that_a_worker_could_not_reach() -> None:
    told = log_of("shape-vllm-tcpstore-timeout.log")
    launched = case(phase("engine-setup", 12, 612, failed=True), events=told.events, files=[told.file])
    (found,) = rendezvous_timeout(launched)
    assert (found.reason, found.layer, found.severity) == ("rendezvous-timeout", Layer.NETWORK, Severity.CRITICAL)
    assert found.text.startswith("A rank could not reach the store at 10.244.3.17:41055 within 600 s")
    assert found.phase == "engine-setup"
    assert any("client socket has timed out after 600000ms" in proof.text for proof in found.evidence_for)
    assert found.evidence_for[0].artifact == "shape-vllm-tcpstore-timeout.log"
    assert found.evidence_for[0].line in (3, 4, 5)  # a traceback is one message, told by its first line
    assert not list(dependency_lines(launched)), "the ranks have a rule of their own"


def test_a_real_watchdog_of_a_collective() -> None:
    told = log_of("shape-nccl-watchdog.log")
    launched = case(phase("distributed-init", 0, 602, failed=True), events=told.events, files=[told.file])
    (found,) = rendezvous_timeout(launched)
    assert found.text == "A rank did not come to the collective ALLREDUCE within 600 s (told by rank 3)."
    assert found.evidence_for[0].line == 2
    assert found.confidence > 0.9


def test_phases_that_the_agent_read_out_of_the_log_tell_it_too() -> None:
    launched = case(
        phase("distributed-init", 0, 600, failed=True),
        phase("rendezvous", 0, 600, failed=True, parent=0, ms="600000", peer="10.0.0.5, 29500"),
    )
    (found,) = rendezvous_timeout(launched)
    assert found.phase == "distributed-init/rendezvous"
    assert "at 10.0.0.5:29500 within 600 s" in found.text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "Timed out after 901 seconds waiting for clients. 1/4 clients joined.",
            "3 ranks of 4 never came to the store",
        ),
        (
            "store->get('0') got error: wait timeout after 600000ms, keys: /default_pg/0//cuda//0",
            "could not reach the store of rank 0 within 600 s",
        ),
        (
            "[0] misc/socket.cc:484 NCCL WARN socketStartConnect: Connect to 10.4.0.9<36613> failed : Timed out",
            "could not reach the store at 10.4.0.9",
        ),
    ],
)
def test_other_ways_to_say_it(text: str, sentence: str) -> None:
    (found,) = rendezvous_timeout(case(phase("init", 0, 902, failed=True), events=[line(901, text)], files=LOG))
    assert sentence in found.text


def test_ranks_that_met_say_nothing() -> None:
    told = log_of("shape-sglang-tp8.log")
    assert not list(rendezvous_timeout(case(phase("a", 0, 96), events=told.events, files=[told.file])))


# RDMA.

SOCKET = line(3, "gpu-07:411:590 [0] NCCL INFO NET/Socket : Using [0]eth0:10.4.0.7<0>", 3)
NO_DEVICE = line(2, "gpu-07:411:590 [0] NCCL INFO NET/IB : No device found.", 2)
DISABLED = line(2, "gpu-07:411:590 [0] NCCL INFO NCCL_IB_DISABLE set by environment to 1.", 2)
TWO_NODES = line(5, "gpu-07:411:590 [0] NCCL INFO comm 0x5 rank 0 nRanks 16 nNodes 2 localRanks 8 localRank 0", 5)
ONE_NODE = line(5, "gpu-07:411:590 [0] NCCL INFO comm 0x5 rank 0 nRanks 8 nNodes 1 localRanks 8 localRank 0", 5)
IB = line(3, "gpu-07:411:590 [0] NCCL INFO NET/IB : Using [0]mlx5_0:1/IB [RO]; OOB eth0:10.4.0.7<0>", 4)


@pytest.mark.parametrize(
    ("events", "severity", "layer", "because"),
    [
        ([SOCKET, NO_DEVICE, TWO_NODES], Severity.WARNING, Layer.NETWORK, "2 hosts talk over plain sockets"),
        ([SOCKET, DISABLED, TWO_NODES], Severity.WARNING, Layer.CONFIG, "NCCL_IB_DISABLE=1 says so"),
        ([SOCKET, NO_DEVICE], Severity.NOTICE, Layer.NETWORK, "it found no RDMA device"),
        ([SOCKET, NO_DEVICE, ONE_NODE], None, None, ""),
        ([SOCKET, IB, TWO_NODES], None, None, ""),
        ([IB, TWO_NODES], None, None, ""),
    ],
)
def test_rdma(events: list[SeenEvent], severity: Severity | None, layer: Layer | None, because: str) -> None:
    found = list(rdma_off(case(phase("init", 0, 60), events=events, files=LOG)))
    assert [one.severity for one in found] == ([severity] if severity else [])
    assert all(one.layer is layer and because in one.text for one in found)


# Compiled graphs.


def test_a_real_launch_that_compiled_its_graphs() -> None:
    told = log_of("shape-vllm-v1-tp-worker.log")
    launched = case(
        phase("model-load", 22, 51),
        phase("engine-init", 51, 111),
        phase("graph-compile", 60, 91, parent=1),
        events=told.events,
        files=[told.file],
        usual={"engine-init/compiled-graph-load": usual(5, 6, 7)},
    )
    (found,) = compile_cache_lost(launched)
    assert found.severity is Severity.WARNING
    assert found.phase == "engine-init/graph-compile"
    assert found.expected == ns(6)
    assert found.actual == ns(31.4)
    assert "3 earlier launches loaded the graphs in 6 s" in found.text
    assert found.evidence_for[0].line == 14
    assert found.cost == ns(25.4)
    mounted = yaml.safe_load(found.patch)["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
    assert mounted[0]["mountPath"] in found.patch


def test_without_a_history_it_is_worth_knowing_only() -> None:
    labelled = case(phase("model-load", 0, 100), phase("torch-compile", 100, 120), labels={"compile_cache": "miss"})
    (found,) = compile_cache_lost(labelled)
    assert (found.severity, found.confidence) == (Severity.NOTICE, 0.7)
    assert found.evidence_against


def test_loaded_graphs_and_short_compiles_say_nothing() -> None:
    loaded = "Directly load the compiled graph(s) for shape None from the cache, took 6.203 s"
    assert not list(compile_cache_lost(case(phase("a", 0, 60), events=[line(40, loaded)], files=LOG)))
    short = "Compiling a graph for dynamic shape takes 0.40 s"
    assert not list(compile_cache_lost(case(phase("a", 0, 60), events=[line(40, short)], files=LOG)))


# Dependencies, by what lines say.

RESOLUTION = (
    "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='hub.internal', port=443): Max retries exceeded "
    "with url: /glm (Caused by NameResolutionError(\"Failed to resolve 'hub.internal' ([Errno -3] Temporary failure in "
    'name resolution)"))'
)


def test_a_launch_that_failed_for_want_of_a_name() -> None:
    launched = case(phase("weights-download", 0, 40, failed=True), events=[line(39, RESOLUTION, 17)], files=LOG)
    (found,) = dependency_lines(launched)
    assert (found.reason, found.severity, found.phase) == ("dns-failure", Severity.CRITICAL, "weights-download")
    assert "hub.internal could not be found by name" in found.text
    assert (found.evidence_for[0].line, found.cost) == (17, ns(40))


def test_a_real_service_that_does_not_find_its_peers() -> None:
    told = log_of("ocp-alertmanager-timestamps.log")
    launched = case(phase("cluster", 0, 60), events=told.events, files=[told.file])
    (found,) = dependency_lines(launched)
    assert (found.reason, found.severity) == ("dns-failure", Severity.WARNING)
    assert "alertmanager-main-2.alertmanager-operated could not be found by name: 4 lines over 30 s" in found.text
    assert [proof.line for proof in found.evidence_for][:2] == [3, 5]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("dial tcp: lookup orders-db on 10.96.0.10:53: no such host", "dns-failure"),
        ('psycopg.OperationalError: could not translate host name "db": Name or service not known', "dns-failure"),
        ("Error: getaddrinfo ENOTFOUND redis.cache.svc", "dns-failure"),
        ("connect ECONNREFUSED 10.0.0.9:5432", "tcp-failure"),
        ("dial tcp 10.0.0.9:6379: i/o timeout", "tcp-failure"),
        ("ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired", "tls-failure"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", "tls-failure"),
    ],
)
def test_kinds_of_trouble(text: str, reason: str) -> None:
    lines = [line(seconds, text) for seconds in (5, 7, 9)]
    found = list(dependency_lines(case(phase("connect", 0, 20), events=lines, files=LOG)))
    assert reasons(found) == [reason]
    assert (found[0].severity, found[0].cost) == (Severity.WARNING, ns(4))


@pytest.mark.parametrize(
    ("text", "peer"),
    [
        (RESOLUTION, "hub.internal"),
        ("dial tcp: lookup orders-db on 10.96.0.10:53: no such host", "orders-db"),
        ("connect ECONNREFUSED 10.0.0.9:5432", "10.0.0.9"),
        ("GET https://user:secret@models.example/glm failed: connection timed out", "models.example"),
        ("connection refused", ""),
    ],
)
def test_whom_a_line_complains_of(text: str, peer: str) -> None:
    assert peer_of(text) == peer


def test_one_retry_that_worked_says_nothing() -> None:
    retry = [line(3, "connect ECONNREFUSED 10.0.0.9:5432, retrying"), line(3.2, "connected")]
    assert not list(dependency_lines(case(phase("connect", 0, 20), events=retry, files=LOG)))


def test_trouble_long_after_the_launch_is_not_the_launch_s() -> None:
    later = [line(seconds, "connect ECONNREFUSED 10.0.0.9:5432") for seconds in (900, 910, 920)]
    assert not list(dependency_lines(case(phase("connect", 0, 20), events=later, files=LOG)))


# Choices.


@pytest.mark.parametrize(
    ("text", "reason", "sentence"),
    [
        (
            "Using a slow tokenizer. This might cause a significant slowdown. Consider using a fast tokenizer instead.",
            "slow-tokenizer",
            "its Python twin",
        ),
        (
            "Initializing a V1 LLM engine (v0.11.2) with config: model='/m', load_format=auto, enforce_eager=True",
            "eager-mode",
            "serves slower",
        ),
        ("CUDA graph is disabled.", "eager-mode", "no graphs are compiled"),
        ("config: model='/m', load_format=LoadFormat.RUNAI_STREAMER, enforce_eager=False", "load-format", "parallel"),
        ("server_args=ServerArgs(model_path='/m', load_format='dummy')", "load-format", "random numbers"),
        ("vllm serve /m --load-format bitsandbytes", "load-format", "quantised"),
        ("Loading pt checkpoint shards:   0% Completed | 0/8 [00:00<?, ?it/s]", "load-format", "by one thread"),
    ],
)
def test_choices_that_the_log_shows(text: str, reason: str, sentence: str) -> None:
    (found,) = choices(case(phase("a", 0, 60), events=[line(3, text)], files=LOG))
    assert (found.reason, found.severity) == (reason, Severity.NOTICE)
    assert sentence in found.text


def test_a_tokenizer_that_takes_a_large_part() -> None:
    slow = "Using a slow tokenizer. This might cause a significant slowdown."
    launched = case(phase("model-load", 0, 30), phase("tokenizer-init", 30, 50), events=[line(31, slow)], files=LOG)
    (found,) = choices(launched)
    assert (found.severity, found.phase, found.cost) == (Severity.WARNING, "tokenizer-init", ns(20))
    assert (
        found.text == "tokenizer-init took 20 s, 40 % of the launch: it is not a fast one (Rust) but its Python twin."
    )


def test_models_that_are_loaded_one_after_the_other() -> None:
    loads = [phase(f"model-load {name}", start, start + 20) for name, start in (("a", 0), ("b", 20), ("c", 40))]
    (found,) = choices(case(*loads))
    assert (found.reason, found.cost) == ("lazy-load", ns(40))
    beside = [phase(f"model-load {name}", 0, 20) for name in "abc"]
    assert not list(choices(case(*beside)))


@pytest.mark.parametrize(
    "name",
    ["shape-vllm-v1-tp-worker.log", "shape-vllm-v0-plain.log", "shape-sglang-tp8.log", "shape-tgi-waiting-shards.log"],
)
def test_real_good_launches_show_no_trouble(name: str) -> None:
    told = log_of(name)
    launched = case(phase("a", 0, 160), events=told.events, files=[told.file])
    for rule in (choices, dependency_lines, rdma_off, rendezvous_timeout):
        assert not list(rule(launched))


@pytest.mark.parametrize("rule", RULES)
def test_silent_without_evidence(rule: Callable[[Case], Iterable[Finding]]) -> None:
    assert not list(rule(case(phase("a", 0, 60))))
