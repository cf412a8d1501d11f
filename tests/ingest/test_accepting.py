from __future__ import annotations

import hashlib
import threading
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from diagnostics import ingest
from diagnostics.ingest import Accepted, Upload, UploadError, accept, content_of
from diagnostics.models import Artifact, ArtifactContent, Launch, Service
from diagnostics.records import ParseError
from tests.data.snapshots import Document, encoded, phase, sequence, snapshot

pytestmark = pytest.mark.django_db
ID = "5f0c8a52-6a0e-4a7e-9c1c-0d4f6a1b2c3d"


def upload(document: Any, **given: str) -> Upload:
    return Upload(encoded(document), **given)


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Service, Launch, Artifact, ArtifactContent))


def refused(sent: Upload, code: str, where: str, allowed: tuple[str, ...] = ()) -> None:
    before = counts()
    with pytest.raises((UploadError, ParseError)) as raised:
        accept(sent, allowed)
    error: Any = raised.value
    assert (error.code, error.where) == (code, where)
    assert error.message
    assert counts() == before


def test_what_is_accepted_is_stored_as_it_came() -> None:
    content = b" " + encoded(snapshot(phase("启动"), launch_id=ID)) + b"\n"

    accepted = accept(Upload(content, version="1.0", host="gpu-07"))

    artifact = Artifact.objects.get()
    assert accepted == Accepted(artifact.id, uuid.UUID(ID), "snapshot", "received", created=True)
    assert content_of(artifact) == content
    assert (artifact.size, artifact.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert artifact.given == {"version": "1.0", "host": "gpu-07"}
    assert artifact.day == datetime.now(UTC).date()
    assert (artifact.attempts, artifact.error) == (0, None)
    assert Launch.objects.get().state == "received"


@pytest.mark.parametrize(
    ("outside", "given", "expected"),
    [
        ({"service": "a", "environment": "prod"}, {}, ("a", "prod")),
        ({"service": None}, {"service": "b", "environment": "dev"}, ("b", "dev")),
        ({"service": "a", "environment": "prod"}, {"service": "b", "environment": "dev"}, ("a", "prod")),
        ({"service": "a", "environment": None}, {"environment": "dev"}, ("a", "dev")),
        ({"service": "名/ <b>"}, {}, ("名/ <b>", "")),
    ],
)
def test_the_file_beats_the_query(outside: Document, given: dict[str, str], expected: tuple[str, str]) -> None:
    accept(upload(snapshot(phase("a")) | outside, **given))
    assert Service.objects.values_list("name", "environment").get() == expected


def test_the_minimal_form_needs_the_query() -> None:
    refused(upload([phase("a")]), "missing_service", "service")
    assert accept(upload([phase("a")], service="a", launch_id=ID)).launch == uuid.UUID(ID)


def test_a_derived_launch_id_depends_on_service_environment_and_content() -> None:
    document = [phase("a")]
    one = accept(upload(document, service="a"))

    assert accept(upload(document, service="a")) == replace(one, created=False)
    others = [
        accept(upload(document, service="b")),
        accept(upload(document, service="a", environment="prod")),
        accept(upload([phase("b")], service="a")),
    ]
    assert len({one.launch, *(other.launch for other in others)}) == 4
    # Stable over releases: a sender may try again after an upgrade.
    assert str(accept(Upload(b"[]", service="a")).launch) == "32e93734-9ff6-5756-923c-9e68dbff066c"


@pytest.mark.parametrize(
    "spelling", [ID, ID.upper(), ID.replace("-", ""), "{" + ID + "}", f"urn:uuid:{ID}"], ids=range(5)
)
def test_a_launch_id_is_a_uuid_however_it_is_written(spelling: str) -> None:
    assert accept(upload(snapshot(phase("a"), launch_id=spelling))).launch == uuid.UUID(ID)


@pytest.mark.parametrize(
    ("sent", "code", "where"),
    [
        (upload(snapshot(phase("a"), launch_id="17")), "invalid_launch_id", "launch_id"),
        (upload([phase("a")], service="a", launch_id="x" * 500), "invalid_launch_id", "launch_id"),
        (upload(snapshot(phase("a"), service="")), "missing_service", "service"),
        (upload({"phases": []}), "missing_service", "service"),
        (upload(snapshot(phase("a"), service="a\0")), "invalid_service", "service"),
        (upload(snapshot(phase("a"), environment="\0")), "invalid_environment", "environment"),
        (upload([], service="a" * 201), "invalid_service", "service"),
        (upload(snapshot(phase("a"), launch_id=17)), "invalid_snapshot", "$.launch_id"),
        (Upload(b"", service="a"), "invalid_json", "body"),
        (Upload(b"{", service="a"), "invalid_json", "body"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused(sent: Upload, code: str, where: str) -> None:
    refused(sent, code, where)


def test_a_token_bound_to_services_sends_only_theirs() -> None:
    refused(upload(snapshot(phase("a"))), "service_not_allowed", "service", ("mine", "other"))
    assert accept(upload(snapshot(phase("a"), service="mine")), ("mine", "other")).created


def test_the_same_again_changes_nothing() -> None:
    first = accept(upload(snapshot(phase("a"), launch_id=ID)))
    before = counts()

    assert accept(upload(snapshot(phase("a"), launch_id=ID))) == replace(first, created=False)
    assert counts() == before


def test_other_content_under_the_same_launch_is_a_conflict() -> None:
    accept(upload(snapshot(phase("a"), launch_id=ID)))
    refused(upload(snapshot(phase("b"), launch_id=ID)), "conflict", "launch_id")
    refused(upload(snapshot(phase("a"), launch_id=ID, service="other")), "conflict", "launch_id")
    refused(upload(snapshot(phase("a"), launch_id=ID, environment="prod")), "conflict", "launch_id")


def test_a_rejected_snapshot_is_replaced_by_a_corrected_one() -> None:
    bad, good = snapshot(phase("a", status="?"), launch_id=ID), snapshot(phase("a"), launch_id=ID)
    rejected = accept(upload(bad))
    assert ingest.parse(rejected.artifact) is None

    # The same mistake again is the same artifact; it says what is wrong already.
    assert accept(upload(bad)) == replace(rejected, state="rejected", created=False)
    corrected = accept(upload(good))
    assert corrected.created
    assert ingest.parse(corrected.artifact) == uuid.UUID(ID)
    assert list(Artifact.objects.order_by("state").values_list("state", flat=True)) == ["parsed", "rejected"]
    refused(upload(bad), "conflict", "launch_id")


def test_what_was_given_up_may_be_tried_again() -> None:
    document = snapshot(phase("a"), launch_id=ID)
    given_up = accept(upload(document))
    Artifact.objects.update(attempts=5)
    assert ingest.parse(given_up.artifact) is None

    again = accept(upload(document))

    assert again.created
    assert ingest.parse(again.artifact) == uuid.UUID(ID)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("documents", [[sequence(10)] * 8, [sequence(10, number=0), sequence(20, number=0)] * 4])
def test_many_senders_of_one_launch_at_once(documents: list[Document]) -> None:
    uploads = [upload({**document, "launch_id": ID}) for document in documents]
    answers: list[Accepted | str] = []
    together = threading.Barrier(len(uploads))

    def send(sent: Upload) -> None:
        together.wait()
        try:
            answers.append(accept(sent))
        except UploadError as error:
            answers.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[sent]) for sent in uploads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    accepted = [answer for answer in answers if isinstance(answer, Accepted)]
    assert [answer.created for answer in accepted].count(True) == 1
    assert {answer.artifact for answer in accepted} == {Artifact.objects.get().id}
    assert len(answers) == 8
    assert answers.count("conflict") == (0 if len({u.content for u in uploads}) == 1 else 4)
