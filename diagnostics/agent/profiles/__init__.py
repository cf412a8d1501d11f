"""What model servers print while they start, as data: which lines begin and end a phase, and which say "ready".

Each profile carries a version, raised whenever its rules change, so that a launch tells by which rules it was read.
"""

from __future__ import annotations

from typing import Dict

from diagnostics.agent.profiles import generic, ray_serve, sglang, tgi, triton, vllm
from diagnostics.agent.profiles.rule import Fact, Profile, Ready, Rule

# Also the order of detection.
PROFILES: Dict[str, Profile] = {
    profile.name: profile
    for profile in (
        sglang.PROFILE,
        tgi.PROFILE,
        triton.PROFILE,
        vllm.PROFILE,
        ray_serve.PROFILE,
        generic.PROFILE,
    )
}
GENERIC = PROFILES["generic"]

__all__ = ["GENERIC", "PROFILES", "Fact", "Profile", "Ready", "Rule"]
