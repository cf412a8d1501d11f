"""``diagnose status | trace | probe``."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from typing import Any, Callable, Dict, Optional, Sequence

from diagnostics.agent.cli import arguments as common
from diagnostics.agent.cli.arguments import Parser
from diagnostics.agent.cli.running import print_json, run
from diagnostics.agent.failure import OK, TROUBLE
from diagnostics.agent.messages import tr

# The functions below import what they use: status must answer within 200 ms, reading included.
NAME = "diagnose"


def status_parser() -> Parser:
    made = Parser(
        f"{NAME} status",
        "[--service S] [--health URL] [--path DIR …] [options]",
        tr("Show in one screen and less than 200 ms how a service and its host are."),
        tr(
            "Exit codes: 0 nothing is wrong (warnings included); 1 something failed; 2 wrong command line; "
            "3 could not do it; 4 no such entry in services.toml."
        ),
    )
    made.add_argument("--service", metavar="NAME", default="", help=tr("show its last launch, from the server"))
    made.add_argument("--environment", metavar="NAME", default="", help=tr("such as prod or staging"))
    made.add_argument("--health", metavar="URL", default="", help=tr("its address, or its name in services.toml"))
    made.add_argument("--services", metavar="FILE", default="", help=tr("services.toml; else LAUNCHSCOPE_SERVICES"))
    made.add_argument(
        "--path", metavar="DIR", action="append", default=[], help=tr("a disk to look at; may be repeated (/)")
    )
    made.add_argument(
        "--wait", metavar="TIME", type=common.seconds, default=0.0, help=tr("for answers from the network (120ms)")
    )
    common.add_server(made)
    common.add_common(made)
    made.set_defaults(act=_status, parser=made)
    return made


def trace_parser() -> Parser:
    made = Parser(
        f"{NAME} trace",
        "--request-id ID [--timeout 5s] [options]",
        tr("Show the trace that carries an id as a waterfall, with its bottleneck."),
        tr(
            "The id is that of a request, a trace (32 hex digits) or a launch.\n\n"
            "Exit codes: 0 found; 2 wrong command line; 3 the server does not answer or refuses; "
            "4 no trace carries the id."
        ),
    )
    made.add_argument("--request-id", metavar="ID", required=True, help=tr("what to look for"))
    made.add_argument(
        "--timeout", metavar="TIME", type=common.seconds, default=5.0, help=tr("for the server's answer (5s)")
    )
    made.add_argument(
        "--most", metavar="N", type=common.count, default=40, help=tr("phases to draw, the most telling first (40)")
    )
    common.add_server(made)
    common.add_common(made)
    made.set_defaults(act=_trace, parser=made)
    return made


def probe_parser() -> Parser:
    made = Parser(
        f"{NAME} probe",
        "[DEPENDENCY …] [--path WEIGHTS …] [--expect FILE] [options]",
        tr("Try everything that a launch on this host needs: expensive, a few seconds of reading and asking."),
        tr(
            "Looks at each DEPENDENCY (a name in services.toml or a URL: DNS, TCP, TLS, protocol, route), at each "
            "--path (space, real read throughput past the page cache), at memory, pressure, the kernel's messages of "
            "disks, memory and GPUs, at settings, at the rendezvous of ranks and at the clock against the server.\n\n"
            "Exit codes: 0 nothing failed (warnings included); 1 something failed; 2 wrong command line or file; "
            "3 could not do it; 4 no such entry in services.toml."
        ),
    )
    made.add_argument("dependencies", nargs="*", metavar="DEPENDENCY", help=tr("a name in services.toml, or a URL"))
    made.add_argument("--services", metavar="FILE", default="", help=tr("services.toml; else LAUNCHSCOPE_SERVICES"))
    _add_sources(made)
    common.add_upload(made)
    common.add_common(made)
    made.set_defaults(act=_probe, parser=made)
    return made


def _add_sources(made: Parser) -> None:
    made.add_argument(
        "--path",
        metavar="PATH",
        action="append",
        default=[],
        help=tr("weights or any data a launch reads; may be repeated"),
    )
    made.add_argument(
        "--read-size", metavar="MB", type=common.count, default=256, help=tr("read at most so much of each path (256)")
    )
    made.add_argument(
        "--read-time", metavar="TIME", type=common.seconds, default=3.0, help=tr("read each path at most so long (3s)")
    )
    made.add_argument(
        "--expect", metavar="FILE", default="", help=tr("settings as they should be: JSON, TOML or NAME=value")
    )
    made.add_argument(
        "--pid", metavar="PID", type=common.count, help=tr("compare with this process's environment; else our own")
    )
    made.add_argument("--actual", metavar="FILE", default="", help=tr("compare with this file instead"))
    made.add_argument(
        "--rendezvous",
        metavar="HOST:PORT",
        default="",
        help=tr("NCCL's or TCPStore's port; else MASTER_ADDR and MASTER_PORT"),
    )
    made.add_argument(
        "--kernel-since",
        metavar="TIME",
        type=common.seconds,
        default=3600.0,
        help=tr("the kernel's messages of so long (1h)"),
    )
    made.add_argument(
        "--timeout", metavar="TIME", type=common.seconds, default=5.0, help=tr("for each question to the network (5s)")
    )


def _status(options: argparse.Namespace) -> int:
    from diagnostics.agent import status

    wait = options.wait or status.DEADLINE
    remote: Dict[str, Callable[[], Any]] = {}
    if options.service and options.server:
        remote["last-launch"] = lambda: [_last_launch(options, wait)]
    if options.health:
        from diagnostics.agent import services_file

        target = services_file.find(options.health, options.services).target
        remote["health"] = lambda: status.health(target, wait)
    checks = status.status(options.path or ["/"], remote, wait)
    return _tell(options, {"schema": 1, "type": "status", "time": time.time_ns(), "service": options.service}, checks)


def _last_launch(options: argparse.Namespace, wait: float) -> Any:
    from diagnostics.agent import status
    from diagnostics.agent.server import Server

    query = {
        "service": options.service,
        "limit": 1,
        **({"environment": options.environment} if options.environment else {}),
    }
    items = Server(options.server, options.token, wait).get("launches", query)["items"]
    return status.last_launch(items[0] if items else None, options.service, time.time_ns())


def _trace(options: argparse.Namespace) -> int:
    from diagnostics.agent import request_trace, terminal_waterfall
    from diagnostics.agent.server import Server

    common.required(options, ("server", "token"))
    trace = request_trace.find(Server(options.server, options.token, options.timeout), options.request_id)
    slowest = terminal_waterfall.bottleneck(trace.spans)
    if options.json:
        print_json({**trace.document(), "bottleneck": slowest["id"] if slowest else None})
        return OK
    print(_trace_title(trace))
    ascii_only = "utf" not in (sys.stdout.encoding or "").lower()
    columns = shutil.get_terminal_size((100, 24)).columns
    print("\n" + terminal_waterfall.draw(trace.spans, columns, options.most, ascii_only, trace.span))
    if slowest:
        print("\n" + terminal_waterfall.bottleneck_sentence(trace.spans, slowest, trace.span))
    return OK


def _trace_title(trace: Any) -> str:
    from diagnostics.agent.tables import clean

    about = [trace.about.get(name) for name in ("service", "environment", "version", "host", "status")]
    return clean(", ".join([trace.id, *(str(word) for word in about if word)]))


def _probe(options: argparse.Namespace) -> int:
    from diagnostics.agent import deep_probe
    from diagnostics.agent.cli import sending

    sending.check(options)
    begin = time.time_ns()
    checks = deep_probe.look(_plan(options), (lambda _: None) if options.json else _show)
    document = {**deep_probe.document(checks, begin), **sending.identity(options)}
    if options.upload:
        sending.send(options, "probe", document)
    if options.json:
        print_json(document)
    else:
        print(_summary(checks))
    return TROUBLE if any(check.state == "failed" for check in checks) else OK


def _plan(options: argparse.Namespace) -> Any:
    from diagnostics.agent import deep_probe, services_file
    from diagnostics.agent.checks import configuration, rendezvous

    actual: Dict[str, str] = dict(os.environ)
    if options.pid:
        actual = configuration.environment_of(options.pid)
    elif options.actual:
        actual = configuration.read(options.actual)
    return deep_probe.Plan(
        targets=[services_file.find(name, options.services).target for name in options.dependencies],
        paths=options.path,
        expected=configuration.read(options.expect) if options.expect else {},
        actual=actual,
        rendezvous=options.rendezvous or rendezvous.address_from(actual),
        server=options.server,
        timeout=options.timeout,
        read_bytes=options.read_size * 1_000_000,
        read_seconds=options.read_time,
        kernel_seconds=options.kernel_since,
    )


def _tell(options: argparse.Namespace, about: Dict[str, Any], checks: Sequence[Any]) -> int:
    if options.json:
        print_json({**about, "checks": [check.document() for check in checks]})
    else:
        for check in checks:
            _show(check)
    return TROUBLE if any(check.state == "failed" for check in checks) else OK


def _show(check: Any) -> None:
    from diagnostics.agent.tables import clean, pad

    words = {"good": tr("good"), "warning": tr("WARNING"), "failed": tr("FAILED"), "unknown": tr("unknown")}
    print(f"{pad(words[check.state], 8)} {pad(check.layer, 12)} {clean(check.message)}")
    if check.state in ("warning", "failed"):
        for line in check.evidence:
            print(" " * 22 + clean(line))
        if check.advice:
            print(" " * 22 + "→ " + clean(check.advice))


def _summary(checks: Sequence[Any]) -> str:
    counts = {
        state: sum(check.state == state for check in checks) for state in ("failed", "warning", "unknown", "good")
    }
    return "\n" + tr("{failed} failed, {warning} warnings, {good} good, {unknown} could not be looked at", **counts)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    summary = tr("Find out why a service starts slowly or does not answer.")
    commands = {"status": status_parser, "trace": trace_parser, "probe": probe_parser}
    return run(lambda given: common.choose(NAME, summary, commands, given), arguments)
