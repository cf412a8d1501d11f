"""What ``diagnose`` looks at: one file a subject, each giving ``Check`` values and never raising for what it meets."""

from diagnostics.agent.checks.check import FAILED, GOOD, UNKNOWN, WARNING, Check

__all__ = ["FAILED", "GOOD", "UNKNOWN", "WARNING", "Check"]
