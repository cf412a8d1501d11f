"""The task queue: at-least-once, ids only, parsing before judging."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import beat_init, task_postrun, worker_before_create_process, worker_init, worker_ready
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

from django.conf import settings
from django.db import close_old_connections, connections

from webapp import env

app = Celery("launchscope")


def broker_url(redis_url: str) -> str:
    """Kombu names Redis' Unix sockets, and the numbered space on them, by words of its own."""
    if not redis_url.startswith("unix://"):
        return redis_url
    return redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


app.conf.update(
    broker_url=broker_url(settings.REDIS_URL),
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # A message outlives its worker: it is acknowledged after the work. One that killed its worker is not handed
    # straight to the next: the sweep brings it back, and its attempts are counted.
    task_acks_late=True,
    task_reject_on_worker_lost=False,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_time_limit=settings.TASK_TIME_LIMIT,
    task_soft_time_limit=settings.TASK_TIME_LIMIT - 5,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    # A parse of a huge snapshot must not leave its memory behind for good.
    worker_max_memory_per_child=400_000,
    # Redis hands a message out again after this long; longer than any task may run, or it would run twice at once.
    broker_transport_options={"visibility_timeout": settings.TASK_TIME_LIMIT + 60, "priority_steps": [0, 5]},
    task_default_queue="judge",
    # Each with a routing key of its own: with Celery's default key, every message would go to both.
    task_queues=[Queue(name, routing_key=name) for name in ("parse", "judge", "monitor")],
    # In Redis 0 (the default) is the most urgent, across queues: what was accepted is stored before it is judged.
    task_routes={
        "diagnostics.tasks.parse_*": {"queue": "parse", "priority": 0},
        # Somebody is to be told now: no backlog of launches stands before it.
        "diagnostics.tasks.deliver": {"queue": "judge", "priority": 0},
        "diagnostics.tasks.judge_*": {"queue": "judge", "priority": 5},
        # A queue of its own: health checks take turns with a backlog of uploads instead of waiting behind it.
        "diagnostics.tasks.check_monitors": {"queue": "monitor", "priority": 0},
    },
    timezone="UTC",
    beat_schedule={
        "sweep": {
            "task": "diagnostics.tasks.sweep",
            "schedule": settings.SWEEP_INTERVAL,
            # The sweeps of an hour without workers are one too many each.
            "options": {"expires": settings.SWEEP_INTERVAL},
        },
        "deliver": {
            "task": "diagnostics.tasks.deliver",
            "schedule": settings.DELIVERY_INTERVAL,
            "kwargs": {"patience": settings.DELIVERY_INTERVAL - 1},
            "options": {"expires": settings.DELIVERY_INTERVAL},
        },
        "prune-deliveries": {
            "task": "diagnostics.tasks.prune_deliveries",
            "schedule": 3600,
            "options": {"expires": 3600},
        },
        "check-monitors": {
            "task": "diagnostics.tasks.check_monitors",
            "schedule": settings.MONITOR_TICK,
            # What is due is due at the next look as well: old looks are of no use.
            "options": {"expires": settings.MONITOR_TICK},
        },
        "prune-monitors": {"task": "diagnostics.tasks.prune_monitors", "schedule": 3600, "options": {"expires": 3600}},
        "patrol-alerts": {
            "task": "diagnostics.tasks.patrol_alerts",
            "schedule": 60,
            # What no launch tells of is looked for now, not as often as it was missed.
            "options": {"expires": 60},
        },
        "send-due-reports": {
            "task": "diagnostics.tasks.send_due_reports",
            "schedule": 20,
            # What is due stays due until it is claimed; the calls of an hour without workers would find nothing.
            "options": {"expires": 60},
        },
        "settle-traces": {
            "task": "diagnostics.tasks.settle_traces",
            "schedule": settings.OTLP_LOOK,
            "options": {"expires": settings.OTLP_LOOK},
        },
        "count-launches": {
            "task": "diagnostics.tasks.count_launches",
            "schedule": settings.METRICS_INTERVAL,
            "options": {"expires": settings.METRICS_INTERVAL},
        },
        **(
            {"forward": {"task": "diagnostics.tasks.forward_launches", "schedule": 5, "options": {"expires": 5}}}
            if settings.FORWARD_OTLP_ENDPOINT
            else {}
        ),
        "prune-traces": {"task": "diagnostics.tasks.prune_traces", "schedule": 3600, "options": {"expires": 3600}},
        "maintain-partitions": {"task": "diagnostics.tasks.maintain_partitions", "schedule": 3600},
    },
)
# Celery would close the database connection before and after every task; broken ones are closed below.
app.conf["CELERY_DB_REUSE_MAX"] = 1_000_000
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_without_key(**_: Any) -> None:
    env.require_secret_key()


@task_postrun.connect
def close_broken_connections(**_: Any) -> None:
    """So that the retry of a task that the database's restart has failed gets a new one."""
    close_old_connections()


@worker_init.connect
def suit_connections_to_tasks(**_: Any) -> None:
    """A task process does one thing at a time: it keeps one connection, where web threads share a pool.

    What it writes follows from what was accepted, durably, before. If a crash of the database loses its last commits,
    artifacts are `received` and launches unjudged again, and the sweep has the work done anew: no need to wait.
    """
    database = connections.settings["default"]
    database |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False}
    database["OPTIONS"].pop("pool")
    database["OPTIONS"]["options"] = f"{database['OPTIONS'].get('options', '')} -c synchronous_commit=off".strip()


@worker_init.connect
def let_answers_go_first(**_: Any) -> None:
    """On one machine with the web server: people and senders wait for that, and nobody for a task."""
    os.nice(5)


@worker_before_create_process.connect
def spare_what_stays(**_: Any) -> None:
    """What is loaded before a task process begins stays for good: the garbage collector need not look through it again
    and again, nor thereby copy the memory that the processes share."""
    gc.collect()
    gc.freeze()


@worker_ready.connect
def tell_supervisor(**_: Any) -> None:
    """`make up` waits for this file rather than for words in a log."""
    if "LAUNCHSCOPE_READY_FILE" in os.environ:
        Path(os.environ["LAUNCHSCOPE_READY_FILE"]).touch()
