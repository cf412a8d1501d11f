"""SGLang, with the elapsed times of its newer versions where they are printed."""

from __future__ import annotations

from diagnostics.agent.profiles.rule import NUMBER, Fact, Profile, Ready, Rule
from diagnostics.agent.profiles.torch import RENDEZVOUS, TORCH_FAILURES

_CAPTURE = r"(?:target |(?P<key>draft(?: extend)?) )?(?:\w+ )?cuda graph"
_ELAPSED = rf"(?:(?:Time )?elapsed[:=] ?(?P<seconds>{NUMBER}) s)?"

PROFILE = Profile(
    name="sglang",
    version=1,
    signature=r"server_args=ServerArgs\(|Init torch distributed begin|Load weight begin\.|\bsglang\.(?:srt|launch)",
    rules=(
        Rule(
            "distributed-init",
            begin=r"Init torch distributed begin",
            end=rf"Init torch distributed ends\. {_ELAPSED}",
            expected=True,
        ),
        Rule(
            "weights-load",
            begin=r"Load weight begin\.",
            end=rf"Load weight end\. {_ELAPSED}",
            after=("distributed-init",),
            expected=True,
        ),
        Rule(
            "checkpoint-shards",
            end=r"Loading \w+ checkpoint shards: 100% Completed \| (?P<shards>\d+)/\d+ \[(?P<clock>[\d:]+)<",
            within=("weights-load",),
            detail=True,
        ),
        Rule(
            "kv-cache-allocation",
            begin=r"Load weight end\.",
            end=r"KV Cache is allocated\.|Memory pool end\.",
            after=("weights-load",),
        ),
        Rule(
            "cuda-graph-capture",
            begin=rf"(?i:Capture {_CAPTURE} begin)",
            end=rf"(?i:Capture {_CAPTURE} end\. {_ELAPSED})",
            after=("kv-cache-allocation", "weights-load"),
        ),
        Rule(
            "http-start",
            begin=r"Started server process \[",
            end=r"Application startup complete|Uvicorn running on",
        ),
        Rule(
            "warm-up",
            begin=r"Application startup complete|Uvicorn running on",
            end=r"The server is fired up and ready to roll",
            after=("http-start",),
        ),
        *(rule._replace(within=("distributed-init",)) for rule in RENDEZVOUS),
    ),
    ready=(Ready(r"The server is fired up and ready to roll"),),
    failures=(r"Scheduler hit an exception", r"Received sigquit from a child process", *TORCH_FAILURES),
    facts=(
        Fact("attention_backend", r"attention_backend='(?P<value>\w+)'"),
        Fact("model_type", r"Load weight end\..*?\btype=(?P<value>\w+)"),
    ),
)
