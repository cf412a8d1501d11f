from __future__ import annotations

from typing import Any

import pytest

from diagnostics.analysis.diagnosis.processes import Whose, command_names, whose
from diagnostics.records import Category
from tests.analysis.diagnosis.cases import case, event, phase

CONTAINER = "0123456789ab"
COMMAND = "/opt/venv/bin/python3 -m vllm.entrypoints.openai.api_server --model /models/glm --port=8000"


@pytest.mark.parametrize(
    ("labels", "fields", "expected"),
    [
        ({"container": CONTAINER}, {"victim": "x", "cgroup": f"/docker/{CONTAINER}{'0' * 52}"}, Whose.OURS),
        ({"container": CONTAINER}, {"victim": "python3", "cgroup": f"/docker/{'f' * 64}"}, Whose.OTHER),
        ({"pod": "glm-1"}, {"victim": "glm", "object": "Pod/glm-1"}, Whose.OURS),
        ({"pod": "glm-1"}, {"victim": "glm", "object": "Pod/glm-2"}, Whose.OTHER),
        ({"command": COMMAND}, {"victim": "python3"}, Whose.MAYBE),
        ({"command": "/srv/model_server_with_a_long_name"}, {"victim": "model_server_wi"}, Whose.OURS),
        ({"command": COMMAND}, {"victim": "VLLM::EngineCor"}, Whose.MAYBE),
        ({"command": COMMAND}, {"victim": "chrome"}, Whose.OTHER),
        ({}, {"victim": "chrome"}, Whose.MAYBE),
        ({"command": COMMAND}, {}, Whose.MAYBE),
    ],
)
def test_whose(labels: dict[str, str], fields: dict[str, Any], expected: Whose) -> None:
    told = event(Category.OOM_KILL, 1, "Killed process", **fields).event

    owner, why = whose(case(phase("a", 0, 9), labels=labels), told)

    assert owner is expected
    assert why


def test_names_of_a_command_are_those_of_its_programs() -> None:
    assert command_names(COMMAND) == {"python3", "vllm.entrypoint", "glm"}
    assert command_names("") == set()
