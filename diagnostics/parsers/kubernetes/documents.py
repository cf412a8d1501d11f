"""Kubernetes objects of a source, and what kind of object a file's first bytes hold."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jiter

from diagnostics.parsers.json_stream import JsonStream, Placed, Unreadable
from diagnostics.parsers.source import HEAD, Source

_TIMES = {"firstTimestamp", "lastTimestamp", "eventTime"}
_KIND = re.compile(r'"kind"\s*:\s*"(\w+)"')


def stream_of(source: Source) -> JsonStream:
    """The JSON of a source. Long lines of text are cut, so a document that is one line is not read as text."""
    head = source.head()
    if len(head) == HEAD and b"\n" not in head.rstrip():
        return JsonStream(_decoded(source.chunks()))
    return JsonStream(text + "\n" for text in source.texts())


def _decoded(chunks: Iterator[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    for chunk in chunks:
        yield decoder.decode(chunk).replace("\0", "\ufffd")


def unwrapped(placed: Placed) -> Placed:
    """The object of a watch's ``{"type": "ADDED", "object": {…}}``, or the object as it is."""
    value = placed.value
    if isinstance(value, dict) and isinstance(value.get("object"), dict) and "type" in value:
        return Placed(placed.line, value["object"])
    return placed


def first_object(head: bytes) -> Mapping[str, Any] | None:
    """The first object of a document of which ``head`` is the beginning; of a list, its first item."""
    text = head.decode("utf-8", "ignore").lstrip(" \t\r\n\ufeff\x1e")
    if text[:1] not in ("{", "["):
        return None
    document = _partial(text)
    if isinstance(document, dict) and isinstance(document.get("object"), dict) and "type" in document:
        document = document["object"]
    if isinstance(document, dict) and isinstance(document.get("items"), list):
        listed = str(document.get("kind") or _list_kind(text))
        first: Any = next(iter(document["items"]), {})
        if isinstance(first, dict):
            return {"kind": listed.removesuffix("List"), **first}
    if isinstance(document, list):
        document = document[0] if document else None
    return document if isinstance(document, dict) else None


def is_event(found: Mapping[str, Any]) -> bool:
    """An Event of either API group, by its parts: lists leave the kind of their items out."""
    about = found.get("involvedObject") or found.get("regarding")
    if isinstance(about, dict):
        return found.get("kind") in ("Event", None, "")
    if not found.get("kind") and {"reason", "message"} <= found.keys() and _TIMES & found.keys():
        # What collectors keep of an event: OpenShift's leave out whom it is about.
        return "spec" not in found and "status" not in found
    return found.get("kind") == "Event" and ("reason" in found or "apiVersion" in found or "metadata" in found)


def is_pod(found: Mapping[str, Any]) -> bool:
    """A Pod, by its kind or, where that was left out, by its parts."""
    if found.get("kind") == "Pod":
        return "metadata" in found or "spec" in found or "apiVersion" in found
    spec, status = found.get("spec"), found.get("status")
    if found.get("kind") or not isinstance(spec, dict) or "template" in spec:
        return False
    return isinstance(spec.get("containers"), list) or (
        isinstance(status, dict) and isinstance(status.get("containerStatuses"), list)
    )


def kind_of(value: Any) -> str:
    """The kind of an object, in words for somebody who sent another one."""
    if not isinstance(value, dict):
        return "values that are no objects"
    return "Pod" if is_pod(value) else str(value.get("kind") or "objects without a kind")[:60]


def objects(stream: JsonStream) -> Iterator[Placed]:
    """The objects of a stream, out of their watch wrapping."""
    return (unwrapped(placed) for placed in stream.objects())


def _partial(text: str) -> Any:
    """What can be had of a document that may be cut; of several, the first."""
    try:
        return jiter.from_json(text.encode(), partial_mode=True, catch_duplicate_keys=False)
    except ValueError:
        try:
            return next(JsonStream(iter([text])).objects(), Placed(1, None)).value
        except Unreadable:
            return None


def _list_kind(text: str) -> str:
    """The kind of a list that names it behind its items, which may lie beyond the head."""
    kinds = _KIND.findall(text)
    return next((kind for kind in kinds if kind.endswith("List") and kind != "List"), "")


__all__ = ["Unreadable", "first_object", "is_event", "is_pod", "kind_of", "objects", "stream_of", "unwrapped"]
