"""YAML to copy: settings of a Deployment as a strategic merge patch, and the manifests beside it.

The core writes YAML itself: maps and lists in block style, every text that YAML could misread in double quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Tree = Mapping[str, Any]
# Words that begin with a letter, are no number, and mean nothing else to a reader of YAML 1.1 or 1.2.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_MEANT_OTHERWISE = re.compile(r"y|n|yes|no|on|off|true|false|null|none", re.IGNORECASE)
# JSON leaves these as they are, YAML does not allow them.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def deployment(service: str, container: str, settings: Tree, pod: Tree | None = None) -> str:
    """A strategic merge patch for ``kubectl patch deployment NAME --patch-file FILE``: ``settings`` of one container
    and, beside the containers, those of its ``pod``."""
    spec = {"containers": [{"name": container, **settings}], **(pod or {})}
    return yaml_text(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": service or container},
            "spec": {"template": {"spec": spec}},
        }
    )


def autoscaler(service: str, least: int) -> str:
    """A patch for the service's HorizontalPodAutoscaler."""
    return yaml_text(
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": service},
            "spec": {"minReplicas": least},
        }
    )


def pulled_everywhere(service: str, image: str) -> str:
    """A DaemonSet that keeps an image on every node, by running nothing in it."""
    labels = {"app": f"{service}-image"}
    idle = {
        "name": "image",
        "image": image,
        "command": ["sleep", "infinity"],
        "resources": {"limits": {"memory": "32Mi"}},
    }
    return yaml_text(
        {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": {"name": f"{service}-image"},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [idle]}},
            },
        }
    )


def yaml_text(tree: Tree) -> str:
    """A document of maps, lists, texts, numbers, booleans and None."""
    return "\n".join(_lines(tree)) + "\n"


def _lines(value: Any) -> Iterator[str]:
    """The lines of a map or a list at the margin."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _entry(f"{_scalar(str(key))}:", inner)
    else:
        for inner in value:
            yield from _item(inner)


def _entry(head: str, value: Any) -> Iterator[str]:
    if _is_nested(value):
        yield head
        yield from (f"  {line}" for line in _lines(value))
    else:
        yield f"{head} {_scalar(value)}"


def _item(value: Any) -> Iterator[str]:
    if _is_nested(value):
        first, *rest = _lines(value)
        yield f"- {first}"
        yield from (f"  {line}" for line in rest)
    else:
        yield f"- {_scalar(value)}"


def _is_nested(value: Any) -> bool:
    return isinstance(value, (Mapping, Sequence)) and not isinstance(value, str) and len(value) > 0


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and not _MEANT_OTHERWISE.fullmatch(value):
            return value
        quoted = json.dumps(value, ensure_ascii=False)
        return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
    return json.dumps(list(value) if isinstance(value, tuple) else value)
