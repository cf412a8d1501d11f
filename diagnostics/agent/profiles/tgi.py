"""Text Generation Inference, plain and ``--json-output``."""

from __future__ import annotations

from diagnostics.agent.profiles.rule import Fact, Profile, Ready, Rule
from diagnostics.agent.profiles.torch import TORCH_FAILURES

_PRESENT = r"Files are already present (?:on the host|in the local cache)"
_SHARD_FAILED = r"Shard complete standard error output|ShardCannotStart|Shard \d+ failed to start"

PROFILE = Profile(
    name="tgi",
    version=1,
    signature=r"text_generation_launcher|text_generation_router|text-generation-(?:launcher|router)",
    rules=(
        Rule(
            "weights-download",
            begin=r"Starting (?:check and )?download process",
            end=rf"Successfully downloaded weights|{_PRESENT}|Starting shard",
            failed=r"Download encountered an error|DownloadError",
            expected=True,
        ),
        Rule(
            "shard-start",
            # Where the first line is lost, the first heartbeat (10 s later) is the least that is known.
            begin=r"Starting shard|Waiting for shard (?:\d+ )?to be ready",
            end=r"Shard (?:\d+ )?ready in (?P<duration>[\d.]+\w+)",
            failed=_SHARD_FAILED,
            after=("weights-download",),
            expected=True,
        ),
        Rule(
            "webserver-start",
            begin=r"Starting Webserver",
            end=r"Warming up model|Connected\b",
            after=("shard-start",),
            expected=True,
        ),
        Rule(
            "warm-up",
            begin=r"Warming up model",
            end=r"Setting max batch total tokens|Connected\b",
            after=("webserver-start",),
        ),
    ),
    ready=(Ready(r"(?:^|: )Connected\b"),),
    failures=(_SHARD_FAILED, r"Download encountered an error|DownloadError", *TORCH_FAILURES),
    facts=(
        Fact("weights_present", _PRESENT, "yes"),
        Fact("weights_present", r"Downloaded \S+ in ", "no"),
    ),
)
