"""Launches as an instrumented model server would send them: one trace in one protobuf request."""

from __future__ import annotations

import os
import random
import time
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from benchmarks.snapshots import Shape, shapes

POOL = 32  # bodies made beforehand: on two cores, making them would be part of what is measured
PLACEHOLDER = bytes.fromhex("a5" * 16)  # for the trace id, which each launch has a new one of
MEDIA = "application/x-protobuf"


class Traces:
    """An endless row of launches of one service, each like the last but for noise; as the bodies of requests."""

    def __init__(self, service: str, spans: int, seed: int = 1) -> None:
        self.service = service
        self.chance = random.Random(seed)
        made = shapes(spans - 1)
        self.pool = [self._body(made) for _ in range(POOL)]
        self.next = 0

    def body(self) -> bytes:
        self.next += 1
        return self.pool[self.next % POOL].replace(PLACEHOLDER, os.urandom(16))

    def _body(self, made: list[Shape]) -> bytes:
        request = ExportTraceServiceRequest()
        told = request.resource_spans.add()
        told.resource.attributes.extend(_pairs(self._resource()))
        scope = told.scope_spans.add()
        scope.scope.name = "bench"
        factor = self.chance.lognormvariate(0, 0.02)
        length = max(shape.start + shape.duration for shape in made)
        begin = time.time_ns() - int(2 * length)
        root = _add(scope, "launch", begin, int(length * factor) + 10**9, {})
        ids = {shape.words["id"]: os.urandom(8) for shape in made}
        for shape in made:
            words = shape.words
            attributes = {"rank": words.get("lane", "TP0"), **words.get("attributes", {})}
            span = _add(
                scope, words["phase"], begin + int(shape.start * factor), int(shape.duration * factor), attributes
            )
            span.span_id = ids[words["id"]]
            span.parent_span_id = ids[words["parent"]] if words.get("parent") else root.span_id
            for before in words.get("depends_on", ()):
                if before in ids:
                    span.links.add(trace_id=PLACEHOLDER, span_id=ids[before])
        return request.SerializeToString()

    def _resource(self) -> dict[str, Any]:
        return {
            "service.name": self.service,
            "deployment.environment.name": "bench",
            "service.version": f"1.{self.chance.randrange(5)}.0",
            "host.name": f"gpu-{self.chance.randrange(8):02}",
            "process.runtime.name": "cpython",
            "telemetry.sdk.language": "python",
        }


def _add(scope: Any, name: str, start: int, duration: int, attributes: dict[str, Any]) -> Any:
    span = scope.spans.add(name=name, kind=1, start_time_unix_nano=start, end_time_unix_nano=start + duration)
    span.trace_id, span.span_id = PLACEHOLDER, os.urandom(8)
    span.attributes.extend(_pairs(attributes))
    return span


def _pairs(attributes: dict[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=_value(value)) for key, value in attributes.items()]


def _value(value: Any) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    return AnyValue(int_value=value) if isinstance(value, int) else AnyValue(string_value=value)
