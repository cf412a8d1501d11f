"""What uploads of ``glmctl`` say of time-outs, put together."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from diagnostics import ingest
from diagnostics.agent import false_positives
from diagnostics.agent.probing.outcome import Outcome
from diagnostics.models import Service
from diagnostics.monitoring import probe_tables

BEGIN = 1_764_000_000_000_000_000


def document(rounds: list[dict[float, int | None]], first: int = 0, **more: Any) -> dict[str, Any]:
    """Rounds of time-out → how long the answer took (ms), or None for none."""
    outcomes = [
        {
            timeout: Outcome(BEGIN + (first + n) * 10**9, timeout, ms is not None, int((ms or timeout * 1000) * 10**6))
            for timeout, ms in one.items()
        }
        for n, one in enumerate(rounds)
    ]
    probes = [{"round": n, **each.document()} for n, one in enumerate(outcomes) for each in one.values()]
    return {
        "schema": 1,
        "type": "timeouts",
        "time": BEGIN,
        "service": "open-autoglm",
        "environment": "prod",
        "target": {"name": "orders-db", "protocol": "postgres", "address": "db:5432", "tls": False},
        "probes": probes,
        "timeouts": [row.document() for row in false_positives.rows(outcomes)],
        "recommendation": false_positives.recommend(outcomes).document(),
        **more,
    }


def sent(body: dict[str, Any], **given: str) -> None:
    accepted = ingest.accept_evidence(ingest.Evidence(ingest.Packed.of(json.dumps(body).encode()), "auto", **given))
    ingest.parse(accepted.artifact)


@pytest.fixture
def service(db: None) -> Service:
    return Service.objects.create(name="open-autoglm", environment="prod")


# One answer in five takes 4 s: 3 s gives up on it, 10 s waits.
QUICK: dict[float, int | None] = {3.0: 20, 5.0: 20, 10.0: 20}
SLOW: dict[float, int | None] = {3.0: None, 5.0: 4000, 10.0: 4000}
ROUNDS = [QUICK] * 8 + [SLOW] * 2


def test_one_upload_is_told_as_glmctl_told_it(service: Service) -> None:
    body = document(ROUNDS)
    sent(body)
    [table] = probe_tables(service)
    assert (table.target, table.protocol, table.address) == ("orders-db", "postgres", "db:5432")
    assert (table.uploads, table.rounds, table.recommended) == (1, 10, 10.0)
    assert table.because == body["recommendation"]["because"]
    for row, told in zip(table.rows, body["timeouts"], strict=True):
        assert (row.timeout, row.probes) == (told["timeout_s"], told["probes"])
        assert (row.false_positives, row.rate) == (told["false_positives"], told["false_positive_rate"])
    three, five, ten = table.rows
    assert (three.mean_probes, three.rate, three.mean_ns) == (1.25, 0.2, 20_000_000)
    assert (five.mean_probes, five.rate, five.recommended) == (1.0, 0.0, False)
    assert (ten.judged, ten.rate, ten.recommended) == (0, None, True)
    assert ten.mean_ns == pytest.approx(816_000_000)


def test_uploads_are_added_up(service: Service) -> None:
    for first in (0, 100, 200):
        sent(document(ROUNDS, first))
    [table] = probe_tables(service)
    assert (table.uploads, table.rounds, table.rows[0].probes, table.rows[0].false_positives) == (3, 30, 30, 6)
    assert table.newest == BEGIN + 209 * 10**9


def test_other_time_outs_and_targets_are_other_tables(service: Service) -> None:
    sent(document(ROUNDS))
    sent(document([{3.0: 20, 20.0: 20}], 50))
    sent(document([{3.0: None, 10.0: None}], 60, target={"name": "cache", "protocol": "redis", "address": "c:6379"}))
    tables = {(table.target, len(table.rows)): table for table in probe_tables(service)}
    assert set(tables) == {("orders-db", 3), ("orders-db", 2), ("cache", 2)}
    assert tables["cache", 2].recommended is None
    assert "mend the dependency first" in tables["cache", 2].because


def test_whose_probes_they_are(service: Service) -> None:
    other = Service.objects.create(name="other")
    sent(document(ROUNDS, service="other", environment=""))
    assert probe_tables(service) == []
    assert len(probe_tables(other)) == 1
    # what the sender told the server beats the file
    sent(document(ROUNDS, 300, service="other"), service="open-autoglm", environment="prod")
    assert len(probe_tables(service)) == 1


def test_probes_without_rounds_go_by_their_moment(service: Service) -> None:
    body = document(ROUNDS)
    for probe in body["probes"]:
        del probe["round"]
    # the longest one of a round is missing: that round can tell nothing
    del body["probes"][2]
    sent(body)
    [table] = probe_tables(service)
    assert (table.rounds, table.rows[0].probes) == (9, 9)


def test_the_page_of_the_service_shows_them(service: Service, client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("ada", password="x"))
    assert "Time-outs for" not in client.get("/services/open-autoglm/").content.decode()
    for name in ("orders-db", "cache", "queue"):
        sent(document(ROUNDS, target={"name": name, "protocol": "tcp", "address": f"{name}:1", "tls": False}))
    page = client.get("/services/open-autoglm/").content.decode()
    assert page.count("Time-outs for") == 2
    assert "Recommended time-out:" in page
    assert "1 more" in page
