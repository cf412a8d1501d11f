"""vLLM 0.4 and newer, both engines (V0 and V1)."""

from __future__ import annotations

from diagnostics.agent.profiles.rule import NUMBER, Fact, Profile, Ready, Rule
from diagnostics.agent.profiles.torch import RENDEZVOUS, TORCH_FAILURES

_ENGINE = ("engine-init",)
_COMPILE = ("torch-compile", "engine-init")

PROFILE = Profile(
    name="vllm",
    version=1,
    signature=(
        r"vLLM API server version|Initializing an? (?:V\d )?LLM engine|\(VllmWorker|\(EngineCore|"
        r"\[?(?:model_runner|gpu_model_runner|default_loader|api_server|llm_engine)\.py:\d+\]"
    ),
    rules=(
        Rule("server-setup", begin=r"vLLM API server version", end=r"Initializing an? (?:V\d )?LLM engine"),
        Rule(
            "engine-setup",
            begin=r"Initializing an? (?:V\d )?LLM engine",
            end=r"Starting to load model",
            after=("server-setup",),
        ),
        Rule(
            "gpu-p2p-check",
            begin=r"generating GPU P2P access cache in",
            end=r"reading GPU P2P access cache from",
            within=("engine-setup",),
        ),
        Rule(
            "model-load",
            begin=r"Starting to load model",
            end=(
                rf"Model loading took (?P<memory_gib>{NUMBER}) Gi?B(?: memory)? and (?P<seconds>{NUMBER}) seconds|"
                rf"Loading model weights took (?P<weights_gb>{NUMBER}) GB"
            ),
            after=("engine-setup",),
            expected=True,
        ),
        Rule(
            "weights-download",
            end=rf"Time spent downloading weights for [^:]+: (?P<seconds>{NUMBER}) seconds",
            within=("model-load",),
        ),
        Rule(
            "weights-load",
            end=rf"Loading weights took (?P<seconds>{NUMBER}) seconds",
            within=("model-load",),
            after=("weights-download",),
        ),
        Rule(
            "checkpoint-shards",
            end=r"Loading \w+ checkpoint shards: 100% Completed \| (?P<shards>\d+)/\d+ \[(?P<clock>[\d:]+)<",
            within=("weights-load", "model-load"),
            detail=True,
        ),
        Rule(
            "torch-compile",
            end=rf"torch\.compile (?:takes|took|and initial profiling run took) (?P<seconds>{NUMBER}) s",
            within=_ENGINE,
            after=("model-load",),
        ),
        Rule(
            "dynamo-transform",
            end=rf"Dynamo bytecode transform time: (?P<seconds>{NUMBER}) s",
            within=_COMPILE,
            after=("model-load",),
        ),
        Rule(
            "compiled-graph-load",
            end=rf"Directly load the compiled graph\(s\) for (?P<shape>.+?) from the cache, took (?P<seconds>{NUMBER})",
            within=_COMPILE,
            after=("dynamo-transform",),
        ),
        Rule(
            "graph-compile",
            end=rf"Compiling a graph for (?P<shape>.+?) takes (?P<seconds>{NUMBER}) s",
            within=_COMPILE,
            after=("dynamo-transform",),
        ),
        Rule(
            "profiling-run",
            end=rf"Initial profiling/warmup run took (?P<seconds>{NUMBER}) s",
            within=_ENGINE,
            after=("torch-compile",),
        ),
        Rule(
            "memory-profiling",
            end=rf"Memory profiling (?:takes|results: duration=) ?(?P<seconds>{NUMBER}) seconds",
            within=_ENGINE,
            after=("model-load",),
        ),
        Rule(
            "cuda-graph-capture",
            begin=r"Capturing the model for CUDA graphs|Capturing cudagraphs for decoding",
            end=rf"Graph capturing finished in (?P<seconds>{NUMBER}) secs?(?:, took (?P<memory_gib>{NUMBER}) GiB)?",
            within=_ENGINE,
            after=("torch-compile", "graph-compile", "memory-profiling", "profiling-run"),
        ),
        Rule(
            "engine-init",
            end=(
                rf"init engine \(profile, create kv cache, warmup model\) took (?P<seconds>{NUMBER}) s(?:econds)?"
                rf"(?: \(compilation: (?P<compilation_s>{NUMBER}) s\))?"
            ),
            after=("model-load",),
            expected=True,
        ),
        Rule(
            "http-start",
            begin=r"Starting vLLM (?:API )?server",
            end=r"Application startup complete",
            after=("engine-init",),
        ),
        *RENDEZVOUS,
    ),
    ready=(Ready(r"Application startup complete\."),),
    failures=(
        r"EngineCore failed to start",
        r"Engine core initialization failed",
        r"WorkerProc (?:failed to start|initialization failed)",
        r"Exception in worker \w+ while processing method (?:init_device|load_model|determine_num_available_blocks)",
        *TORCH_FAILURES,
    ),
    facts=(
        Fact("engine_version", r"vLLM API server version v?(?P<value>\d\S*)"),
        Fact("engine_version", r"Initializing an? (?:V\d )?LLM engine \(v(?P<value>[^)]+)\)"),
        Fact("compile_cache", r"Directly (?:load|lookup) the (?:compiled )?graph(?:\(s\))? for", "hit"),
        Fact("compile_cache", r"Compiling a graph for", "miss"),
    ),
)
