from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.analysis.diagnosis.patches import autoscaler, deployment, pulled_everywhere, yaml_text

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
scalars = st.none() | st.booleans() | st.integers() | text
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=12
)


@given(st.dictionaries(text, trees, min_size=1, max_size=4))
def test_whatever_is_written_is_read_back(tree: dict[str, Any]) -> None:
    assert yaml.safe_load(yaml_text(tree)) == tree


@pytest.mark.parametrize(
    "word", ["yes", "No", "null", "1e3", "0x1f", "2026-11-23", "12:30", "~", "a: b", "# no", "", "é"]
)
def test_texts_stay_texts(word: str) -> None:
    assert yaml.safe_load(yaml_text({word: word})) == {word: word}


def test_a_deployment_patch_as_it_looks() -> None:
    patch = deployment("autoglm", "server", {"startupProbe": {"periodSeconds": 10, "failureThreshold": 42}})
    assert patch == (
        "apiVersion: apps/v1\n"
        "kind: Deployment\n"
        "metadata:\n"
        "  name: autoglm\n"
        "spec:\n"
        "  template:\n"
        "    spec:\n"
        "      containers:\n"
        "        - name: server\n"
        "          startupProbe:\n"
        "            periodSeconds: 10\n"
        "            failureThreshold: 42\n"
    )


def test_manifests_select_what_they_make() -> None:
    told = yaml.safe_load(pulled_everywhere("autoglm", "registry.example/glm:1.4@sha256:ab"))
    assert told["kind"] == "DaemonSet"
    assert told["spec"]["selector"]["matchLabels"] == told["spec"]["template"]["metadata"]["labels"]
    assert told["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.example/glm:1.4@sha256:ab"
    assert yaml.safe_load(autoscaler("autoglm", 2))["spec"] == {"minReplicas": 2}
