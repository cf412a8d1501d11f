"""One file per artifact kind. A parser takes the source and what the upload's query said, and yields records."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from diagnostics.parsers import (
    bootchart,
    chrome_trace,
    config,
    container_log,
    df,
    host_samples,
    jaeger,
    jvm_log,
    k8s_events,
    k8s_pod,
    kernel_log,
    lambda_init,
    metrics_scrape,
    otlp,
    ping,
    probe,
    python_importtime,
    sadf,
    sar,
    snapshot,
    speedscope,
    spring_startup,
    systemd_analyze,
    traceroute,
    vllm_bench_startup,
    zipkin,
)
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.reading import Parser, Reading, collect, whole
from diagnostics.parsers.source import Source
from diagnostics.records import Kind

PARSERS: Mapping[Kind, Parser] = {
    Kind.SNAPSHOT: whole(snapshot.parse),
    Kind.HOST_SAMPLES: whole(host_samples.parse),
    Kind.PROBE: whole(probe.parse),
    Kind.KERNEL_LOG: kernel_log.parse,
    Kind.K8S_EVENTS: k8s_events.parse,
    Kind.K8S_POD: k8s_pod.parse,
    Kind.SAR: sar.parse,
    Kind.SADF: sadf.parse,
    Kind.DF: df.parse,
    Kind.PING: ping.parse,
    Kind.TRACEROUTE: traceroute.parse,
    Kind.CONFIG: whole(config.parse),
    Kind.PYTHON_IMPORTTIME: python_importtime.parse,
    Kind.SYSTEMD_ANALYZE: systemd_analyze.parse,
    Kind.CHROME_TRACE: chrome_trace.parse,
    Kind.SPEEDSCOPE: speedscope.parse,
    Kind.VLLM_BENCH_STARTUP: vllm_bench_startup.parse,
    Kind.METRICS_SCRAPE: metrics_scrape.parse,
    Kind.JAEGER: jaeger.parse,
    Kind.ZIPKIN: zipkin.parse,
    Kind.SPRING_STARTUP: spring_startup.parse,
    Kind.JVM_LOG: jvm_log.parse,
    Kind.LAMBDA_INIT: lambda_init.parse,
    Kind.BOOTCHART: bootchart.parse,
    Kind.CONTAINER_LOG: container_log.parse,
    Kind.OTLP: otlp.parse,
}

# How ``kind=auto`` recognises a file by its first bytes: the first that says yes, so the most particular come first.
RECOGNISERS: Mapping[Kind, Callable[[bytes], bool]] = {
    Kind.HOST_SAMPLES: host_samples.recognise,
    Kind.PROBE: probe.recognise,
    Kind.CHROME_TRACE: chrome_trace.recognise,
    Kind.BOOTCHART: bootchart.recognise,
    Kind.JAEGER: jaeger.recognise,
    Kind.ZIPKIN: zipkin.recognise,
    Kind.SPEEDSCOPE: speedscope.recognise,
    Kind.SPRING_STARTUP: spring_startup.recognise,
    Kind.VLLM_BENCH_STARTUP: vllm_bench_startup.recognise,
    Kind.SNAPSHOT: snapshot.recognise,
    Kind.OTLP: otlp.recognise,
    # A described pod has a table of events too.
    Kind.K8S_POD: k8s_pod.recognise,
    Kind.K8S_EVENTS: k8s_events.recognise,
    Kind.METRICS_SCRAPE: metrics_scrape.recognise,
    Kind.JVM_LOG: jvm_log.recognise,
    Kind.LAMBDA_INIT: lambda_init.recognise,
    Kind.SYSTEMD_ANALYZE: systemd_analyze.recognise,
    Kind.PYTHON_IMPORTTIME: python_importtime.recognise,
    Kind.SAR: sar.recognise,
    Kind.SADF: sadf.recognise,
    Kind.DF: df.recognise,
    Kind.TRACEROUTE: traceroute.recognise,
    Kind.PING: ping.recognise,
    Kind.KERNEL_LOG: kernel_log.recognise,
    # Lines of NAME=value are the least particular of all.
    Kind.CONFIG: config.recognise,
    # Any text with times in it may be a program's log.
    Kind.CONTAINER_LOG: container_log.recognise,
}


def sniff(content: bytes) -> Kind | None:
    """The kind of a file by its content, or ``None`` when no recogniser knows it."""
    head = Source.of(content).head()
    return next((kind for kind, recognise in RECOGNISERS.items() if recognise(head)), None)


__all__ = ["PARSERS", "RECOGNISERS", "Hints", "Parser", "Reading", "Source", "collect", "sniff", "whole"]
