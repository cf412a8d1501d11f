from __future__ import annotations

import yaml

from diagnostics.analysis.diagnosis.finding import Layer
from diagnostics.analysis.diagnosis.rules.weights_download import weights_download
from diagnostics.records import Kind
from tests.analysis.diagnosis.cases import SAMPLES, Evidence, case, ns, phase


def test_a_real_log_of_a_server_that_downloads_first() -> None:
    told = Evidence(SAMPLES / "container-logs/shape-tgi-waiting-shards.log", Kind.CONTAINER_LOG, 0, year=2026)
    launched = case(
        phase("weights-download", 0, 70, bytes=14_000_000_000),
        phase("shard-start", 70, 98),
        events=told.events,
        files=[told.file],
    )

    (found,) = weights_download(launched)

    assert found.text == "Downloading weights took 70 s, 71 % of the launch, 14.0 GB at 200 MB/s."
    assert (found.layer, found.phase, found.cost) == (Layer.NETWORK, "weights-download", ns(70))
    assert "volume" in found.advice
    assert yaml.safe_load(found.patch)["spec"]["template"]["spec"]["volumes"][0]["name"] == "weights"


def test_is_silent_on_a_look_that_found_all_there() -> None:
    assert not list(weights_download(case(phase("weights-download", 0, 1), phase("weights-load", 1, 5))))


def test_is_silent_on_a_small_part_of_a_long_launch() -> None:
    assert not list(weights_download(case(phase("weights-download", 0, 5), phase("weights-load", 5, 100))))


def test_is_silent_without_a_download() -> None:
    assert not list(weights_download(case(phase("weights-load", 0, 90))))
