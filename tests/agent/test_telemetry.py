from __future__ import annotations

import pytest

from diagnostics.agent import telemetry
from diagnostics.parsers.otlp.trace import parent_chosen_for

LAUNCH = "5b8efff7-9803-8103-d269-b633813fc60c"


def test_agent_and_server_agree_on_the_parent() -> None:
    version, trace, parent, flags = telemetry.traceparent(LAUNCH).split("-")
    assert (version, trace, flags) == ("00", LAUNCH.replace("-", ""), "01")
    assert parent == parent_chosen_for(trace)


def test_spans_go_where_the_snapshot_goes() -> None:
    added = telemetry.environment({}, "glm", "", "", "http://host:8000/", "lsi_a b")
    assert added == {
        "OTEL_SERVICE_NAME": "glm",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://host:8000/v1/traces",
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "authorization=Bearer%20lsi_a%20b",
    }


@pytest.mark.parametrize("name", ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"])
def test_what_somebody_has_decided_stays(name: str) -> None:
    assert telemetry.environment({name: "x"}, "", "", "", "http://host:8000", "lsi_a") == {}
