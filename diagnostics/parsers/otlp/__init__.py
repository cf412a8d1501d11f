"""OpenTelemetry traces, as they are posted to ``/v1/traces`` and as files::

    {"resourceSpans": [{"resource": {…}, "scopeSpans": [{"spans": [{"traceId": "5b8e…", "name": "Load model", …}]}]}]}

``spans`` are plain values that ``protobuf`` and ``json_form`` read to, ``trace`` what those of one trace are together,
``phases`` what a launch is made of, ``resource`` what is said of it as a whole,
``files`` the parser of artifacts.
"""

from diagnostics.parsers.otlp.files import facts_of, parse, read_file, recognise
from diagnostics.parsers.otlp.phases import events_of, milestones_of, phases_of
from diagnostics.parsers.otlp.resource import config_of, host_of, labels_of, version_of
from diagnostics.parsers.otlp.spans import Group, Received, Span, SpanEvent, by_trace, merged
from diagnostics.parsers.otlp.trace import DEFAULT_RULES, LAUNCH, OTHERWISE, REQUEST, Rule, Trace, deciding

__all__ = [
    "DEFAULT_RULES",
    "LAUNCH",
    "OTHERWISE",
    "REQUEST",
    "Group",
    "Received",
    "Rule",
    "Span",
    "SpanEvent",
    "Trace",
    "by_trace",
    "config_of",
    "deciding",
    "events_of",
    "facts_of",
    "host_of",
    "labels_of",
    "merged",
    "milestones_of",
    "parse",
    "phases_of",
    "read_file",
    "recognise",
    "version_of",
]
