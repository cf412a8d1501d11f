"""Evidence on its way into tables: in batches, all of it or nothing, whatever is in it."""

from __future__ import annotations

import gzip
import threading
import uuid
from collections.abc import Callable
from typing import Any, cast

import psycopg
import pytest
from django.db import connection

from diagnostics.ingest import Evidence, Packed, accept_evidence, content_of, parse, reparse, stream_of, streaming
from diagnostics.ingest import rows as rows_of
from diagnostics.models import Artifact, ArtifactContent, ArtifactPhase, EventRecord, SampleRecord
from diagnostics.parsers import PARSERS, Hints, Parser, Reading, Source
from diagnostics.records import Event, HostFacts, Kind, Lines, Parsed, ParseError, Phase, SampleSeries
from tests.ingest.sending import send_file

pytestmark = pytest.mark.django_db
T = 1_764_000_000_000_000_000


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch) -> Callable[[Parser], None]:
    """Stands in for the parser of ``df`` files: tests say what it yields."""

    def use(read: Parser) -> None:
        monkeypatch.setitem(cast("dict[Kind, Parser]", PARSERS), Kind.DF, read)

    return use


def received(content: bytes = b"x") -> uuid.UUID:
    return accept_evidence(Evidence(Packed.of(content), "df", host="h")).artifact


def numbers(count: int) -> Parser:
    """A parser of ``count`` events, phases and samples, series in pieces of three."""

    def read(source: Source, hints: Hints) -> Reading:
        for n in range(count):
            yield Event(T + n, f"event {n}", line=n + 1)
            yield Phase(n, f"phase {n}", T + n, 10, parent=n - 1 if n else None, is_root=not n)
            yield SampleSeries(f"m.{n % 2}", "", [T + 3 * n, T + 3 * n + 1, T + 3 * n + 2], [n, n, n])
        return Parsed("df/7", lines=Lines(count, count, 0), facts={"a": 1}, host=HostFacts("told", "b00t", T - 5))

    return read


@pytest.mark.parametrize("batch", [1, 7, 5000])
def test_every_batch_size_stores_the_same(batch: int, parser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "BATCH", batch)
    monkeypatch.setattr(streaming, "SAMPLES_HELD", batch)
    parser(numbers(40))
    parse(received())
    artifact = Artifact.objects.select_related("host").get()
    assert (artifact.state, artifact.parser, artifact.lines["read"]) == ("parsed", "df/7", 40)
    assert artifact.counts == {"phases": 40, "events": 40, "samples": 120}
    assert (artifact.first_ns, artifact.last_ns) == (T, T + 119)
    assert (artifact.host and artifact.host.name, artifact.boot_id, artifact.boot_time) == ("h", "b00t", T - 5)
    texts = EventRecord.objects.order_by("position").values_list("position", "text", "line")
    assert list(texts) == [(n, f"event {n}", n + 1) for n in range(40)]
    assert list(ArtifactPhase.objects.order_by("position").values_list("parent", flat=True)) == [None, *range(39)]
    pieces = SampleRecord.objects.order_by("position")
    for metric in ("m.0", "m.1"):
        times = [time for row in pieces.filter(metric=metric) for time in row.times]
        assert times == sorted(times)
        assert len(times) == 60
    assert all(row.first_ns == row.times[0] and row.last_ns == row.times[-1] for row in pieces)


def test_heavy_texts_are_written_before_their_number_fills_a_batch(
    parser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    copy = rows_of.copy

    def noted(cursor: Any, table: str, columns: Any, rows: Any) -> None:
        kept = list(rows)
        written.append(len(kept))
        copy(cursor, table, columns, kept)

    monkeypatch.setattr(streaming, "copy", noted)

    def read(source: Source, hints: Hints) -> Reading:
        for n in range(60):
            yield Event(T + n, "x" * 200_000)
        return Parsed("df/1")

    parser(read)
    parse(received())
    assert max(written) <= streaming.HEAVY // 200_000 + 1
    assert sum(written) == 60


def test_a_file_that_turns_out_wrong_leaves_nothing(parser: Any) -> None:
    def read(source: Source, hints: Hints) -> Reading:
        yield from (Event(T + n, "good") for n in range(20_000))
        raise ParseError("The file changes its mind", "line 20001")

    parser(read)
    artifact_id = received()
    assert parse(artifact_id) is None
    artifact = Artifact.objects.get()
    assert (artifact.state, (artifact.error or {})["where"]) == ("rejected", "line 20001")
    assert not EventRecord.objects.exists()


def test_our_own_mistake_is_raised_for_a_retry_and_costs_an_attempt(parser: Any, settings: Any) -> None:
    settings.PARSE_ATTEMPTS = 2

    def read(source: Source, hints: Hints) -> Reading:
        yield Event(T, "good")
        raise ZeroDivisionError

    parser(read)
    artifact_id = received()
    for attempt in (1, 2):
        with pytest.raises(ZeroDivisionError):
            parse(artifact_id)
        assert (Artifact.objects.get().attempts, EventRecord.objects.count()) == (attempt, 0)
    assert parse(artifact_id) is None
    assert (Artifact.objects.get().error or {})["code"] == "gave_up"


@pytest.mark.parametrize(
    "record",
    [
        Event(T, "nul \0 and half \ud83d a pair", "src\0", fields={"a\0": "b\0", "half": "\udc00", "n": float("nan")}),
        Event(T, "big", fields={"huge": 10**30, "deep": [{"x": (1, 2)}], "set": frozenset({1})}),
        Phase(0, "na\0me", T, 1, lane="\ud800", id="i\0", attributes={"k": "\0"}),
        SampleSeries("me\0tric", "\udfff", [T], [float("inf")]),
    ],
    ids=["event", "fields", "phase", "sample"],
)
def test_whatever_a_file_holds_can_be_stored(record: Any, parser: Any) -> None:
    def read(source: Source, hints: Hints) -> Reading:
        yield record
        return Parsed("df/1", facts={"text": "\0\ud800", "number": float("nan")}, labels={"a": "\0"})

    parser(read)
    parse(received())
    artifact = Artifact.objects.get()
    assert artifact.state == "parsed", artifact.error
    assert sum(artifact.counts.values()) == 1
    assert artifact.facts["text"] == "\ufffd?" or "\ufffd" in artifact.facts["text"]


def test_a_number_that_the_database_cannot_hold_is_refused_with_a_sentence(parser: Any) -> None:
    def read(source: Source, hints: Hints) -> Reading:
        yield Event(2**70, "later")
        return Parsed("df/1")

    parser(read)
    parse(received())
    error = Artifact.objects.get().error or {}
    assert error["code"] == "invalid_value"
    assert "cannot be stored" in error["message"]


def test_reading_again_replaces_the_records(parser: Any) -> None:
    parser(numbers(10))
    artifact_id = received()
    parse(artifact_id)
    parser(numbers(3))
    reparse(artifact_id)
    waiting = Artifact.objects.get()
    assert (waiting.state, EventRecord.objects.count()) == ("received", 10), "what was read stays until then"
    parse(artifact_id)
    after = Artifact.objects.get()
    assert (after.counts["events"], EventRecord.objects.count(), ArtifactPhase.objects.count()) == (3, 3, 3)
    assert (after.previous or {})["counts"] == {"phases": 10, "events": 10, "samples": 30}


def test_a_file_that_todays_parser_refuses_tells_nothing_any_more(parser: Any) -> None:
    def refuse(source: Source, hints: Hints) -> Reading:
        yield Event(T, "first")
        raise ParseError("Not one of these after all", "line 1")

    parser(numbers(10))
    artifact_id = received()
    parse(artifact_id)
    parser(refuse)
    reparse(artifact_id)
    assert parse(artifact_id) is None
    after = Artifact.objects.get()
    assert (after.state, after.told, after.counts) == ("rejected", None, {})
    assert (after.previous or {})["counts"]["events"] == 10
    assert not EventRecord.objects.exists()
    assert not ArtifactPhase.objects.exists()
    assert not SampleRecord.objects.exists()


def test_a_compressed_log_is_read_through_its_own_compression() -> None:
    log = b"".join(b"[%5d.000000] Linux version 6.1.0-%d\n" % (n, n) for n in range(3000))
    artifact = send_file(gzip.compress(log), "kernel-log", boot_time=str(T))
    assert (artifact.state, artifact.lines["total"]) == ("parsed", 3000)
    assert content_of(artifact) == gzip.compress(log) or gzip.decompress(content_of(artifact)) == log


def test_stored_bytes_as_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytes(range(256)) * 20_000
    artifact = Artifact.objects.get(pk=received(content))
    with stream_of(artifact) as stream:
        assert stream.read(4) == content[:4]
        stream.seek(0)
        assert stream.read() == content
        stream.seek(0)
        assert stream.read(10) == content[:10]
    ArtifactContent.objects.filter(artifact_id=artifact.pk).delete()
    with pytest.raises(ParseError, match="no longer kept"):
        stream_of(artifact).read()


def test_packing_in_pieces_is_packing_at_once() -> None:
    content = b"line\n" * 100_000
    pieces = [content[n : n + 777] for n in range(0, len(content), 777)]
    whole, pieced = Packed.of(content), Packed.of_pieces(pieces)
    assert (whole.size, whole.sha256, whole.head) == (pieced.size, pieced.sha256, pieced.head)
    assert len(whole.head) == 2 * 65_536
    assert Packed.of(b"") == Packed.of_pieces([])


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_file_store_it_once(parser: Any) -> None:
    parser(numbers(3000))
    artifact_id = received()
    together = threading.Barrier(2)
    errors: list[Exception] = []

    def work() -> None:
        together.wait()
        try:
            parse(artifact_id)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert (Artifact.objects.get().state, EventRecord.objects.count()) == ("parsed", 3000)


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_file_that_another_worker_is_storing(parser: Any) -> None:
    reading, go_on = threading.Event(), threading.Event()

    def read(source: Source, hints: Hints) -> Reading:
        yield Event(T, "first")
        reading.set()
        assert go_on.wait(60)
        return Parsed("df/1")

    def work() -> None:
        parse(artifact_id)
        connection.close()

    parser(read)
    artifact_id = received()
    worker = threading.Thread(target=work)
    worker.start()
    assert reading.wait(60)
    assert parse(artifact_id) is None
    assert Artifact.objects.get().attempts == 1, "looking at it is no attempt"
    go_on.set()
    worker.join()
    assert (Artifact.objects.get().state, EventRecord.objects.count()) == ("parsed", 1)


FULL = """
CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER disk_full BEFORE INSERT ON diagnostics_event EXECUTE FUNCTION disk_full();
"""


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_waited_for(parser: Any) -> None:
    parser(numbers(10))
    artifact_id = received()
    with connection.cursor() as cursor:
        cursor.execute(FULL)
    try:
        with pytest.raises(psycopg.OperationalError, match="no space left"):
            parse(artifact_id)
        assert Artifact.objects.get().attempts == 0
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION disk_full() CASCADE")
    parse(artifact_id)
    assert Artifact.objects.get().state == "parsed"
