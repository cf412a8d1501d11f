"""What every program on PyTorch's process groups says when its ranks do not find each other."""

from __future__ import annotations

from diagnostics.agent.profiles.rule import Rule

RENDEZVOUS = (
    Rule(
        "rendezvous",
        end=r"(?!)",
        failed=r"client socket has timed out after (?P<ms>\d+)ms while trying to connect to \((?P<peer>[^)]+)\)",
    ),
    Rule(
        "collective",
        end=r"(?!)",
        failed=r"Watchdog caught collective operation timeout: .*?OpType=(?P<key>\w+).* ran for (?P<ms>\d+) milli",
    ),
)
TORCH_FAILURES = (
    r"torch\.distributed\.Dist\w+Error",
    r"Watchdog caught collective operation timeout",
    r"CUDA out of memory|CUDA error: out of memory",
)
