"""What the spans of one trace look like together, and whether a rule takes them for a launch or for a request."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from diagnostics.parsers.otlp.spans import KINDS, UNKNOWN_SERVICE, Group, Span

LAUNCH, REQUEST = "launch", "request"
OWN_POSITION = "launchscope.phase.position"  # of a span that our own export wrote: its phase's place in the launch


@dataclass(frozen=True)
class Trace:
    """Spans of one trace, each once, by resource. ``tops`` are those whose parent is not (yet) among them."""

    id: str  # 32 hexadecimal digits
    groups: Sequence[Group]

    @cached_property
    def spans(self) -> list[Span]:
        """In order of their start, the longer first."""
        told = (span for group in self.groups for span in group.spans)
        return sorted(told, key=lambda span: (span.start, -span.end, span.id))

    @cached_property
    def ordered(self) -> list[Span]:
        """In order of the phases that they become: of the launch, if it was exported here, else of their start."""
        places = [span.attributes.get(OWN_POSITION) for span in self.spans]
        if any(type(place) is not int for place in places) or len(set(places)) < len(places):
            return self.spans
        return sorted(self.spans, key=lambda span: span.attributes[OWN_POSITION])

    @cached_property
    def tops(self) -> list[Span]:
        known = {span.id for span in self.spans}
        return [span for span in self.spans if span.parent not in known]

    @cached_property
    def root(self) -> Span:
        """The span without a parent, else the first of those whose parent is missing, else (a circle) the first."""
        named = (span for span in self.tops if not span.parent)
        return next(named, (self.tops or self.spans)[0])

    @property
    def is_rooted(self) -> bool:
        """A root ends, and is sent, after all that is in it: what the trace is about has come."""
        return not self.root.parent

    @cached_property
    def main(self) -> Group:
        """The group of the root: what it says of its process is said of the launch."""
        return next(group for group in self.groups if any(span.id == self.root.id for span in group.spans))

    @property
    def service(self) -> str:
        return self.main.service

    @property
    def environment(self) -> str:
        resource = self.main.resource
        return str(resource.get("deployment.environment.name") or resource.get("deployment.environment") or "")

    def attributes(self, *keys: str) -> Iterator[str]:
        """Values of these attributes, in the order of the spans, as text."""
        for span in self.spans:
            yield from (str(span.attributes[key]) for key in keys if span.attributes.get(key) not in (None, ""))


@dataclass(frozen=True, slots=True)
class Rule:
    """Takes a trace for a ``launch`` or a ``request`` when everything that it names is so; patterns may hold * and ?.

    ``span``: the name of any span. ``service``: of the root. ``kind`` and ``attribute`` (a name, or name=value): of a
    top span. ``resource``: an attribute of any resource. ``by_agent``: ``autoglm-debug`` chose the trace.
    """

    verdict: str
    name: str = ""
    span: str = ""
    service: str = ""
    kind: str = ""
    attribute: str = ""
    resource: str = ""
    by_agent: bool = False

    def takes(self, trace: Trace) -> bool:
        return (
            (not self.by_agent or any(span.parent == parent_chosen_for(trace.id) for span in trace.tops))
            and (not self.service or fnmatchcase(trace.service, self.service))
            and (not self.span or any(fnmatchcase(span.name, self.span) for span in trace.spans))
            and (not (self.kind or self.attribute) or any(self._takes_top(span) for span in trace.tops))
            and (not self.resource or any(_has(group.resource, self.resource) for group in trace.groups))
        )

    def _takes_top(self, span: Span) -> bool:
        if self.kind and KINDS.get(span.kind, "internal") not in self.kind.split():
            return False
        return not self.attribute or _has(span.attributes, self.attribute)


# vLLM's start-up spans (vllm/tracing) come before what tells requests apart: workers of a server send both.
DEFAULT_RULES = (
    Rule(LAUNCH, "marked by its sender", resource="launchscope.launch=true"),
    Rule(REQUEST, "marked by its sender", resource="launchscope.launch=false"),
    Rule(LAUNCH, "recorded by autoglm-debug", by_agent=True),
    Rule(LAUNCH, "vLLM starts: engine", span="EngineCoreProc init"),
    Rule(LAUNCH, "vLLM starts: device", span="Init device"),
    Rule(LAUNCH, "vLLM starts: model", span="Load model"),
    Rule(REQUEST, "a model's answer", attribute="gen_ai.*"),
    Rule(REQUEST, "HTTP", kind="server client", attribute="http.*"),
    Rule(REQUEST, "HTTP, other words", kind="server client", attribute="url.*"),
    Rule(REQUEST, "a remote call", kind="server client", attribute="rpc.*"),
    Rule(REQUEST, "a message", kind="producer consumer", attribute="messaging.*"),
    Rule(REQUEST, "a database's answer", kind="client", attribute="db.*"),
)
OTHERWISE = Rule(LAUNCH, "no rule takes it")


def deciding(rules: Sequence[Rule], trace: Trace) -> Rule:
    """The first rule that takes the trace, else ``OTHERWISE``."""
    return next((rule for rule in rules if rule.takes(trace)), OTHERWISE)


def parent_chosen_for(trace_id: str) -> str:
    """The parent's id in the TRACEPARENT that ``autoglm-debug`` makes for a launch: follows from the trace's, so that
    spans below it tell who chose the trace. The agent has the same (``agent.recording``): it imports nothing of ours.
    """
    return hashlib.sha256(trace_id.encode()).hexdigest()[:16]


def _has(attributes: Mapping[str, Any], wanted: str) -> bool:
    name, has_value, value = wanted.partition("=")
    for key, told in attributes.items():
        if fnmatchcase(key, name) and (not has_value or fnmatchcase(_word(told), value)):
            return True
    return False


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def services_of(groups: Sequence[Group]) -> list[str]:
    return sorted({group.service for group in groups} - {UNKNOWN_SERVICE})
