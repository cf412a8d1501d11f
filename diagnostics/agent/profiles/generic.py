"""Programs without a profile of their own: common model loaders, web servers, databases."""

from __future__ import annotations

from diagnostics.agent.profiles.rule import Profile, Ready, Rule

PROFILE = Profile(
    name="generic",
    version=1,
    signature="",
    rules=(
        Rule(
            "model-load",
            begin=r"(?i:\bloading (?:the )?model\b)",
            end=r"(?i:initiali[sz]ing (?:the )?tokenizer)|(?i:\bmodel (?:was )?loaded\b)",
        ),
        Rule(
            "tokenizer-init",
            begin=r"(?i:initiali[sz]ing (?:the )?tokenizer)",
            end=r"(?i:tokenizer (?:initiali[sz]ed|loaded|ready))|(?i:\bmodel (?:was )?loaded\b)",
        ),
        Rule("application-startup", begin=r"Waiting for application startup\.", end=r"Application startup complete\."),
        Rule("server-setup", begin=r"Starting gunicorn \d", end=r"Listening at: "),
        Rule("worker-boot", begin=r"Listening at: ", end=r"Booting worker with pid", after=("server-setup",)),
        Rule(
            "system-checks",
            begin=r"Performing system checks",
            end=r"System check identified",
        ),
        Rule(
            "django-start",
            begin=r"System check identified",
            end=r"Starting (?:development|ASGI/\S+ version \S+ development) server at",
            after=("system-checks",),
        ),
        Rule("sockets", begin=r"LOG: +starting PostgreSQL", end=r"LOG: +listening on Unix socket"),
        Rule(
            "recovery",
            begin=r"database system was (?:shut down|interrupted)|database system shutdown was interrupted",
            end=r"database system is ready to accept connections",
            failed=r"(?:FATAL|PANIC): ",
        ),
        Rule("cache-start", begin=r"(?:Redis|Valkey) is starting", end=r"Ready to accept connections"),
    ),
    ready=(
        Ready(r"Application startup complete\."),
        Ready(r"Listening at: https?://"),
        Ready(r"Uvicorn running on", unless="application-startup"),
        Ready(r"Serving HTTP on|Running on (?:all addresses|https?://)"),
        Ready(r"Starting (?:development|ASGI/\S+ version \S+ development) server at"),
        Ready(r"(?i:ready to accept connections)|\bstart worker processes$"),
        Ready(r"(?i:\bserver (?:is )?(?:listening|running|started|ready)\b)", unless="application-startup"),
        Ready(r"(?i:\blistening (?:on|at) (?:port|https?://|\[|\d))", unless="application-startup"),
        Ready(r"Started \w+ in [\d.]+ seconds"),
        Ready(r"(?i:\bmodel loaded successfully\b)", unless="application-startup"),
    ),
    failures=(r"^Traceback \(most recent call last\)", r"\b(?:FATAL|PANIC)\b: ", r"Application startup failed"),
)
