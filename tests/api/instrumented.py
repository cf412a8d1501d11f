"""A program as vLLM is one: several processes, each with the OpenTelemetry SDK and a batch processor of its own.

Its first argument is the process it plays; where spans go and which trace they join is in its environment.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

WORKERS = ("EngineCore_DP0", "Worker_TP0", "Worker_TP1")


def main(process: str) -> None:
    about: dict[str, str | int] = {"vllm.process_name": f"VLLM::{process}", "vllm.process_kind": process}
    about["vllm.process_id"] = os.getpid()
    provider = TracerProvider(resource=Resource.create(about))
    # So short a delay that one process alone sends several requests.
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(), schedule_delay_millis=50))
    context = TraceContextTextMapPropagator().extract({"traceparent": os.environ.get("TRACEPARENT", "")})
    tracer = provider.get_tracer("vllm")
    with tracer.start_as_current_span("start" if process == "APIServer" else f"{process} init", context=context):
        (_serve if process == "APIServer" else _work)(tracer)
    provider.shutdown()
    print("application ready" if process == "APIServer" else "done", flush=True)


def _serve(tracer: Tracer) -> None:
    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    environment = {**os.environ, "TRACEPARENT": carrier["traceparent"]}
    started = [subprocess.Popen([sys.executable, __file__, name], env=environment) for name in WORKERS]
    with tracer.start_as_current_span("wait for workers"):
        for one in started:
            one.wait()


def _work(tracer: Tracer) -> None:
    with tracer.start_as_current_span("Init device") as first:
        time.sleep(0.12)
    with tracer.start_as_current_span("Load model", links=[Link(first.get_span_context())]) as span:
        span.set_attribute("bytes", 14_000_000_000)
        span.add_event("shard loaded", {"shard": 1})
        time.sleep(0.12)
        span.set_status(Status(StatusCode.OK))


if __name__ == "__main__":
    main(sys.argv[1])
