"""Events of Kubernetes: every collected file as it is known to be, and what only other files hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from diagnostics.parsers import Hints, Source, collect, k8s_events
from diagnostics.parsers.k8s_events.event import kube_event
from diagnostics.parsers.k8s_events.messages import category, details
from diagnostics.parsers.kubernetes.durations import duration
from diagnostics.parsers.timestamps import instant
from diagnostics.records import Category, Parsed, ParseError, Phase, PhaseStatus
from tests.parsers.shared_samples import SAMPLES, expected, here_only, names

RECEIVED = 1_795_500_000_000_000_000
SECOND = 1_000_000_000


def parse(content: bytes | str, received_at: int = RECEIVED) -> Parsed:
    content = content.encode() if isinstance(content, str) else content
    return collect(k8s_events.parse(Source.of(content), Hints(received_at)))


def event(**parts: Any) -> dict[str, Any]:
    """An event of a pod with what a test is about."""
    base = {
        "kind": "Event",
        "metadata": {"namespace": "ns"},
        "involvedObject": {"kind": "Pod", "namespace": "ns", "name": "pod", "fieldPath": "spec.containers{main}"},
        "type": "Normal",
        "lastTimestamp": "2026-11-20T08:00:00Z",
        "firstTimestamp": "2026-11-20T08:00:00Z",
    }
    return base | parts


def at(clock: str) -> str:
    return f"2026-11-20T{clock}Z"


def phases(*events: dict[str, Any]) -> list[tuple[str, float, float, str]]:
    """Name, start and length in seconds past eight o'clock, and status."""
    zero = instant(at("08:00:00"), "")
    return [
        (one.name, (one.start_time - zero) / SECOND, one.duration / SECOND, one.status)
        for one in parse(json.dumps({"items": events})).phases
    ]


@here_only
@pytest.mark.parametrize("name", [name for name in names("k8s", "vents") if name.endswith(".json")])
def test_sample_lists(name: str) -> None:
    known, parsed = expected(f"k8s/{name}"), parse((SAMPLES / "k8s" / name).read_bytes())

    assert len(parsed.events) == known["items"] == parsed.lines.read
    assert parsed.facts["reasons"] == known["reasons"]
    assert parsed.facts["types"] == known["types"]
    assert parsed.facts["max_count"] == known["max_count"]
    assert [parsed.facts[end] for end in ("first", "last")] == [instant(known[end], "") for end in ("first", "last")]
    pulls = {one.fields["pull_ns"] for one in parsed.events if "pull_ns" in one.fields}
    assert pulls == {duration(text) for text in known["pull_durations"]}
    assert sum(one.precision == 1_000 for one in parsed.events) == known["null_firstTimestamp"]


@here_only
@pytest.mark.parametrize("name", names("k8s", ".txt"))
def test_sample_tables(name: str) -> None:
    known, parsed = expected(f"k8s/{name}"), parse((SAMPLES / "k8s" / name).read_bytes())

    assert parsed.facts["table"] == known["table"]
    assert parsed.facts["clock"] == "relative"
    assert len(parsed.events) == known["event_rows"]
    repeats = [one.fields["count"] for one in parsed.events if one.fields["count"] > 1]
    assert repeats == [int(count) for count, _ in known["repeats"]]
    pulls = [
        [one.fields["image"], one.fields["pull_ns"], one.fields["total_ns"]]
        for one in parsed.events
        if "pull_ns" in one.fields
    ]
    assert pulls == [[image, duration(own), duration(whole)] for image, own, whole in known["pull"]]


@here_only
def test_lines_of_objects_are_where_they_begin() -> None:
    content = (SAMPLES / "k8s" / names("k8s", "events-message")[0]).read_text()
    lines = content.splitlines()
    for one in parse(content).events[:20]:
        assert one.line is not None
        assert lines[one.line - 1].strip() == "{"
        assert lines[one.line].strip() == '"kind": "Event",'


@pytest.mark.parametrize(
    ("reason", "message", "kind", "said"),
    [
        ("Pulling", 'Pulling image "a:1"', Category.IMAGE_PULL, {"image": "a:1"}),
        (
            "Pulled",
            'Successfully pulled image "a:1" in 370.157088ms (372ms including waiting)',
            Category.IMAGE_PULL,
            {"image": "a:1", "pull_ns": 370_157_088, "total_ns": 372_000_000, "wait_ns": 1_842_912},
        ),
        ("Pulled", 'Successfully pulled image "a:1"', Category.IMAGE_PULL, {"image": "a:1"}),
        (
            "Pulled",
            'Container image "a:1" already present on machine',
            Category.IMAGE_PULL,
            {"image": "a:1", "warm": True},
        ),
        ("Failed", 'Failed to pull image "a:1": not found', Category.IMAGE_PULL, {"image": "a:1"}),
        ("Failed", "Error: ErrImagePull", Category.IMAGE_PULL, {}),
        ("Failed", "Error: failed to start container", Category.CONTAINER, {}),
        ("BackOff", 'Back-off pulling image "a:1"', Category.BACKOFF, {"image": "a:1"}),
        ("Unhealthy", "Readiness probe errored: timeout", Category.PROBE_FAILED, {"probe": "readiness"}),
        (
            "Unhealthy",
            'Liveness probe failed: command "x" exited with 137',
            Category.PROBE_FAILED,
            {"probe": "liveness", "exit_code": 137},
        ),
        ("Killing", "Container main failed liveness probe, will be restarted", Category.CONTAINER,
         {"probe": "liveness"}),
        ("SystemOOM", "System OOM encountered, victim process: python, pid: 42", Category.OOM_KILL,
         {"victim": "python", "pid": 42, "scope": "global"}),
        ("OOMKilling", "Out of memory: Kill process 7 (java) score 9 or sacrifice child", Category.OOM_KILL,
         {"victim": "java", "pid": 7, "scope": "global"}),
        ("FailedMount", "mount failed: exit status 32", Category.OTHER, {}),
        ("FailedScheduling", "0/1 nodes are available", Category.SCHEDULING, {}),
        ("NodeNotReady", "Node is not ready", Category.OTHER, {}),
        ("SomethingNew", "", Category.OTHER, {}),
    ],
)  # fmt: skip
def test_messages(reason: str, message: str, kind: Category, said: dict[str, Any]) -> None:
    found = kube_event(event(reason=reason, message=message), 1, RECEIVED)
    assert found is not None
    assert category(found) == kind
    assert {key: value for key, value in details(found).items() if key != "container"} == said


def test_a_launch_from_creation_to_its_container() -> None:
    assert phases(
        event(reason="SuccessfulCreate", message="Created pod: pod", involvedObject={"kind": "Job", "namespace": "ns"}),
        event(reason="Scheduled", lastTimestamp=at("08:00:05")),
        event(reason="Pulled", lastTimestamp=at("08:01:00"), firstTimestamp=at("08:01:00"),
              message='Successfully pulled image "a" in 20s (50s including waiting)'),
        event(reason="Created", lastTimestamp=at("08:01:01"), firstTimestamp=at("08:01:01")),
        event(reason="Started", lastTimestamp=at("08:01:03"), firstTimestamp=at("08:01:03")),
    ) == [
        ("scheduled", 0, 5, "success"),
        ("image-pull-queue", 10, 30, "success"),
        ("image-pull a", 40, 20, "success"),
        ("container-create main", 60, 1, "success"),
        ("container-run main", 61, 2, "success"),
    ]  # fmt: skip


def test_without_a_creation_scheduling_begins_with_its_first_failure() -> None:
    failed = event(
        reason="FailedScheduling", message="no GPU", firstTimestamp=at("08:00:00"), lastTimestamp=at("08:02:00")
    )
    placed = event(reason="Scheduled", lastTimestamp=at("08:03:00"))

    assert phases(failed, placed) == [("scheduled", 0, 180, "success")]
    assert phases(failed) == [("scheduled", 0, 120, "failed")]
    assert phases(placed) == []


def test_of_repeated_events_only_the_first_and_the_last_are_paired() -> None:
    pulled = event(reason="Pulled", message='Container image "a" already present on machine', count=16,
                   lastTimestamp=at("08:57:00"))  # fmt: skip
    created = event(reason="Created", count=9, firstTimestamp=at("08:00:01"), lastTimestamp=at("08:16:00"))
    # The last creation followed a pull that nobody recorded: sixteen minutes would be wrong.
    assert phases(pulled, created) == [("container-create main", 0, 1, "success")]


def test_waiting_to_try_again_is_overcome_by_a_start() -> None:
    waited = event(
        reason="BackOff", message="Back-off restarting failed container main", count=5, lastTimestamp=at("08:05:00")
    )
    started = event(reason="Started", firstTimestamp=at("08:05:10"), lastTimestamp=at("08:05:10"))

    assert phases(waited) == [("back-off main", 0, 300, "failed")]
    assert phases(waited, started)[0] == ("back-off main", 0, 300, "success")


def test_a_pull_that_fails_ends_with_its_first_failure() -> None:
    pulling = event(reason="Pulling", message='Pulling image "a"', count=4, lastTimestamp=at("08:03:00"))
    failed = event(reason="Failed", message='Failed to pull image "a": not found', count=4,
                   firstTimestamp=at("08:00:02"), lastTimestamp=at("08:03:02"))  # fmt: skip
    assert phases(pulling, failed) == [("image-pull a", 0, 2, "failed")]


def test_a_table_counts_back_from_its_receipt() -> None:
    parsed = parse(
        "LAST SEEN             TYPE     REASON    OBJECT    MESSAGE\n"
        "58m                   Normal   Pulling   pod/a     Pulling image \"x\"\n"
        "2m5s (x5 over 58m)    Warning  BackOff   pod/a     Back-off pulling image \"x\"\n"
        "<unknown>             Normal   Pulled    pod/a     nobody knows when\n"
    )  # fmt: skip

    told = [(one.time - RECEIVED, one.precision, one.level, one.line) for one in parsed.events]
    assert told == [
        (-3480 * SECOND, 60 * SECOND, "info", 2),
        (-125 * SECOND, SECOND, "warning", 3),
    ]
    assert parsed.events[1].fields["first"] == RECEIVED - 3480 * SECOND
    assert (parsed.lines.total, parsed.lines.skipped) == (4, 1)


def test_a_description_tells_when_it_was_printed() -> None:
    parsed = parse(
        "Name:         a\n"
        "Namespace:    ns\n"
        "Node:         n/10.0.0.1\n"
        "Start Time:   Tue, 12 Aug 2025 05:45:20 +0200\n"
        "Containers:\n"
        "  main:\n"
        "    State:      Running\n"
        "      Started:  Tue, 12 Aug 2025 05:46:00 +0200\n"
        "Events:\n"
        "  Type    Reason     Age    From     Message\n"
        "  ----    ------     ----   ----     -------\n"
        "  Normal  Scheduled  4m18s  default  Successfully assigned ns/a to n\n"
        "  Normal  Started    3m38s  kubelet  Started container main\n"
    )
    start = instant("2025-08-12T03:45:20Z", "")

    assert parsed.facts["printed_at"] == start + 258 * SECOND
    assert [one.time for one in parsed.events] == [start, start + 40 * SECOND]
    assert parsed.lines.skipped == 0


WIDE = (
    "LAST SEEN   TYPE    REASON   OBJECT   SUBOBJECT               SOURCE        MESSAGE     FIRST SEEN   COUNT   NAME",
    "5m          Normal  Pulled   pod/a    spec.containers{main}   kubelet, n1   Image here  9m           3       a.1",
)
OLD = (
    "LASTSEEN   FIRSTSEEN   COUNT   NAME    KIND   SUBOBJECT               TYPE     REASON   SOURCE        MESSAGE",
    "5m         9m          3       a.17a   Pod    spec.containers{main}   Normal   Pulled   kubelet, n1   Image here",
)
EVERYWHERE = (
    "NAMESPACE   LAST SEEN        TYPE     REASON   OBJECT   MESSAGE",
    "default     5m (x3 over 9m)  Normal   Pulled   Pod/a    Image here",
)


@pytest.mark.parametrize(("header", "row"), [WIDE, OLD, EVERYWHERE])
def test_headers_of_other_versions(header: str, row: str) -> None:
    (found,) = parse(f"{header}\n{row}\n").events

    assert found.time == RECEIVED - 300 * SECOND
    assert found.fields["first"] == RECEIVED - 540 * SECOND
    assert found.fields["object"].lower() == "pod/a"
    assert found.fields["count"] == 3
    assert found.text == "Pulled: Image here"


def test_rows_without_a_header() -> None:
    parsed = parse("58m   Normal   Scheduled   pod/a   Successfully assigned ns/a to n\n")
    assert parsed.events[0].fields["node"] == "n"


def test_a_file_that_was_cut_keeps_what_was_read() -> None:
    whole = json.dumps({"kind": "EventList", "items": [event(reason=f"R{n}") for n in range(10)]}, indent=1)

    parsed = parse(whole[: len(whole) * 3 // 4])

    assert 0 < len(parsed.events) < 10
    assert parsed.lines.skipped == 1
    assert "ends in the middle" in parsed.facts["truncated"] or "line" in parsed.facts["truncated"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"kind": "PodList", "items": [{"kind": "Pod", "spec": {}, "metadata": {}}]}', "send pods as k8s-pod"),
        (b'{"kind": "Secret"}', "kubectl get events"),
        (b'{"kind": "Event"', "Not valid JSON"),
        (b"hello\n", "No events found"),
        (b"", "No events found"),
    ],
)
def test_other_files_are_refused_with_advice(content: bytes, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        parse(content)


def test_an_empty_list_is_no_mistake() -> None:
    assert parse(b'{"kind": "EventList", "items": []}').events == []
    assert parse(b"No resources found in default namespace.\n").events == []


def test_phases_are_numbered_and_say_how_sure_they_are() -> None:
    found = parse(json.dumps({"items": [
        event(reason="Pulled", message='Successfully pulled image "a" in 2s'),
        event(reason="Created", lastTimestamp=at("08:00:01"), firstTimestamp=at("08:00:01")),
    ]})).phases  # fmt: skip
    assert [one.position for one in found] == [0, 1]
    assert all(isinstance(one, Phase) and one.lane == "ns/pod" and one.is_root for one in found)
    assert {one.attributes["precision_ns"] for one in found} == {SECOND}
    assert {one.status for one in found} == {PhaseStatus.SUCCESS}


def test_a_document_of_one_long_line_is_read_whole() -> None:
    events = [event(reason=f"R{n}", message="x" * 1000) for n in range(400)]
    content = json.dumps({"kind": "EventList", "items": events})
    assert "\n" not in content
    assert len(content) > 262_144
    assert len(parse(content).events) == 400
