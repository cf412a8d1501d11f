"""Triton Inference Server: each model loads by itself, four at a time by default."""

from __future__ import annotations

from diagnostics.agent.profiles.rule import Fact, Profile, Ready, Rule

PROFILE = Profile(
    name="triton",
    version=1,
    signature=(
        r"== Triton Inference Server ==|Started GRPCInference|"
        r"(?:model_lifecycle|model_repository_manager|pinned_memory_manager)\.cc"
    ),
    rules=(
        Rule(
            "model-load",
            begin=r"\bloading: (?P<key>[^\s:\"]+):\d+",
            end=r"successfully loaded '(?P<key>[^']+)'",
            failed=r"failed to load '(?P<key>[^']+)'",
            expected=True,
        ),
        Rule(
            "endpoints-start",
            begin=r"Started GRPCInferenceService at",
            end=r"Started (?:HTTPService|Metrics Service) at",
            after=("model-load",),
        ),
    ),
    ready=(Ready(r"Started (?:GRPCInferenceService|HTTPService) at"),),
    failures=(r"error: creating server|Internal: failed to load all models",),
    facts=(Fact("engine_version", r"NVIDIA Release (?P<value>[\d.]+)"),),
)
