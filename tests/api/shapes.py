"""The keys of the contract's shapes."""

from __future__ import annotations

LAUNCH = {
    "id", "service", "environment", "version", "host", "status", "state", "start_time", "total_ns", "unaccounted_ns",
    "coverage", "start_class", "milestones", "labels", "phases", "artifacts", "verdict", "headline",
}  # fmt: skip
PHASE = {
    "id", "path", "phase", "parent", "depends_on", "lane", "depth", "start_time", "duration_ns", "self_ns", "slack_ns",
    "critical", "status", "layer", "attributes",
}  # fmt: skip
ARTIFACT = {
    "id", "kind", "state", "error", "launch", "host", "size", "sha256", "parser", "lines", "counts", "time_span",
    "facts",
}  # fmt: skip
DELTA = {
    "phase", "baseline_ns", "candidate_ns", "delta_ns", "ratio", "low", "high", "q", "verdict", "contribution_ns",
    "contribution_low", "contribution_high", "least_effect", "bimodal", "note",
}  # fmt: skip
COMPARISON = {
    "baseline", "candidate", "total", "phases", "unaccounted", "headline", "factor", "notes", "rule", "what_changed",
}  # fmt: skip
