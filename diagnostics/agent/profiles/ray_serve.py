"""Ray Serve: waiting for resources is told apart from the replica's own constructor."""

from __future__ import annotations

from diagnostics.agent.profiles.rule import NUMBER, Fact, Profile, Ready, Rule

_DEPLOYMENT = r"[Dd]eployment[ =(]*(?:name=)?'(?P<key>[^']+)'"

PROFILE = Profile(
    name="ray-serve",
    version=1,
    hosts=True,
    signature=(
        r"scripts\.py:\d+ -- Running (?:import path|config file)|Started a local Ray instance|"
        r"\(ServeController|\(ProxyActor|\(ServeReplica"
    ),
    rules=(
        Rule(
            "ray-start",
            begin=r"Running (?:import path|config file)|Calling ray\.init\(\)|Connecting to existing Ray cluster",
            end=r"Started a local Ray instance|Connected to Ray cluster",
        ),
        Rule(
            "serve-start",
            begin=r"Started a local Ray instance|Connected to Ray cluster",
            end=r"Started Serve in namespace|Proxy starting on node",
            after=("ray-start",),
        ),
        Rule(
            "replica-start",
            begin=rf"Adding \d+ replicas? to {_DEPLOYMENT}",
            end=rf"Replica\(.*?{_DEPLOYMENT}.*?started successfully on node .*? after (?P<seconds>{NUMBER})s",
            failed=rf"{_DEPLOYMENT}.*?(?:failed to start|DEPLOY_FAILED)",
            within=("application-start",),
        ),
        Rule(
            "replica-constructor",
            end=(
                rf"Replica\(.*?{_DEPLOYMENT}.*?started successfully on node .*?"
                rf"[Cc]onstructor.*? took (?P<seconds>{NUMBER})s"
            ),
            within=("replica-start",),
        ),
        Rule(
            "application-start",
            begin=r"Deploying new (?:version of Deployment|app)|Importing and building app|Building application",
            end=r"Application '[^']+' is ready at|Deployed app '[^']+' successfully",
            after=("serve-start",),
            expected=True,
        ),
    ),
    ready=(Ready(r"Application '[^']+' is ready at|Deployed app '[^']+' successfully"),),
    failures=(r"DEPLOY_FAILED|The deployment failed to start \d+ times in a row|replicas? failed to start",),
    facts=(
        Fact("waiting_for_resources", r"replicas? that ha(?:s|ve) taken more than \d+s to be scheduled", "yes"),
        Fact("slow_constructor", r"replicas? that ha(?:s|ve) taken more than \d+s to initialize", "yes"),
    ),
)
