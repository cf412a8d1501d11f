"""``glmctl --probe-timeout SECONDS runtime-scope SERVICE``."""

from __future__ import annotations

import argparse
from typing import Any, Dict, List, Optional, Sequence

from diagnostics.agent import runtime_scope, services_file
from diagnostics.agent.cli import arguments as common
from diagnostics.agent.cli import sending
from diagnostics.agent.cli.arguments import Parser
from diagnostics.agent.cli.running import note, print_json, run
from diagnostics.agent.failure import OK, TROUBLE
from diagnostics.agent.messages import tr
from diagnostics.agent.tables import LEFT, RIGHT, table
from diagnostics.agent.units import duration, percent

# Each is a thread and a connection in the same moment: more would be load, not a probe.
MOST_TIMEOUTS = 10


def parser() -> Parser:
    made = Parser(
        "glmctl",
        "--probe-timeout SECONDS runtime-scope SERVICE [options]",
        tr("Probe what a service depends on, as this runtime sees it, and find the timeout that its probes need."),
        tr(
            "SERVICE is a name in services.toml or a URL: http, https, tcp, tls, dns, postgres, redis, rediss, kafka, "
            "kafka+ssl. Each round sends one probe per timeout in the same moment; a probe that failed while the one "
            "with the longest timeout succeeded is a false positive.\n\n"
            "Exit codes: 0 the dependency answers; 1 it did not answer at least once with the longest timeout; "
            "2 wrong command line or services.toml; 3 could not do it; 4 no such entry."
        ),
    )
    made.add_argument(
        "--probe-timeout",
        metavar="SECONDS",
        type=common.seconds,
        required=True,
        help=tr("timeout of a probe: 3, 500ms"),
    )
    made.add_argument(
        "command", choices=["runtime-scope"], metavar="runtime-scope", help=tr("probe within this runtime")
    )
    made.add_argument("dependency", metavar="SERVICE", help=tr("a name in services.toml, or a URL"))
    made.add_argument("--count", type=common.count, default=10, metavar="N", help=tr("rounds of probes (10)"))
    made.add_argument(
        "--interval", type=common.seconds, default=1.0, metavar="S", help=tr("seconds between rounds' beginnings (1)")
    )
    made.add_argument(
        "--timeouts", type=common.seconds_list, default=[], metavar="LIST", help=tr("timeouts to compare: 3,5,10")
    )
    made.add_argument("--services", metavar="FILE", default="", help=tr("services.toml; else LAUNCHSCOPE_SERVICES"))
    common.add_upload(made)
    common.add_common(made)
    made.set_defaults(act=act, parser=made)
    return made


def act(options: argparse.Namespace) -> int:
    dependency = services_file.find(options.dependency, options.services)
    timeouts = timeouts_of(options.probe_timeout, options.timeouts or dependency.timeouts)
    if len(timeouts) > MOST_TIMEOUTS:
        options.parser.error(tr("at most {most} timeouts at once", most=MOST_TIMEOUTS))
    sending.check(options)
    show = (lambda *_: None) if options.json else _show_round
    done = runtime_scope.rounds(dependency.target, timeouts, options.count, options.interval, show)
    document = {**runtime_scope.document(dependency.target, done), **sending.identity(options)}
    print_json(document) if options.json else print(text(document))
    if options.upload:
        sending.send(options, "probe", document)
    return OK if all(outcomes[timeouts[-1]].ok for outcomes in done) else TROUBLE


def timeouts_of(probe_timeout: float, others: Sequence[float]) -> List[float]:
    """What to compare: never one alone, since a longer one must tell whether the dependency was up."""
    wanted = sorted({probe_timeout, *others})
    return wanted if len(wanted) > 1 else [probe_timeout, max(10.0, 2 * probe_timeout)]


def _show_round(number: int, outcomes: runtime_scope.Round) -> None:
    longest = outcomes[max(outcomes)]
    short = sum(not outcome.ok for timeout, outcome in outcomes.items() if timeout != longest.timeout)
    state = duration(longest.duration) if longest.ok else longest.message
    more = tr(", {count} shorter gave up", count=short) if short and longest.ok else ""
    note(tr("round {number}: {state}{more}", number=number + 1, state=state, more=more))


def text(document: Dict[str, Any]) -> str:
    columns = [
        (tr("timeout"), RIGHT),
        (tr("probes"), RIGHT),
        (tr("success"), RIGHT),
        (tr("false positives"), RIGHT),
        (tr("rate"), RIGHT),
        (tr("at most (95 %)"), RIGHT),
        ("", LEFT),
    ]
    advice = document["recommendation"]
    rows = [_row(entry, advice["timeout_s"]) for entry in document["timeouts"]]
    target = document["target"]
    title = tr("{name} ({protocol}, {address})", **{k: target[k] for k in ("name", "protocol", "address")})
    lines = [title, "", table(columns, rows), "", _stages(document["probes"]), _advice(advice)]
    return "\n".join(line for line in lines if line is not None)


def _row(entry: Dict[str, Any], recommended: Optional[float]) -> List[str]:
    return [
        f"{entry['timeout_s']:g} s",
        str(entry["probes"]),
        _share(entry["success_share"]),
        tr("{hits} of {judged}", hits=entry["false_positives"], judged=entry["judged"]) if entry["judged"] else "–",
        _share(entry["false_positive_rate"]),
        _share(entry["false_positive_high"]),
        tr("← recommended") if entry["timeout_s"] == recommended else "",
    ]


def _share(value: Optional[float]) -> str:
    return "–" if value is None else percent(value)


def _stages(probes: Sequence[Dict[str, Any]]) -> str:
    """Where the time of the answers went, slowest answer first; failures by their reason."""
    good = sorted((probe for probe in probes if probe["ok"]), key=lambda probe: -int(probe["duration_ns"]))
    lines = []
    if good:
        parts = ", ".join(f"{tr(stage)} {duration(ns)}" for stage, ns in good[0]["stages"].items())
        lines.append(tr("slowest answer: {duration} ({parts})", duration=duration(good[0]["duration_ns"]), parts=parts))
        lines.append(tr("median answer: {duration}", duration=duration(good[len(good) // 2]["duration_ns"])))
    failed = {probe["message"]: probe for probe in probes if not probe["ok"]}
    lines += [tr("failed: {message}", message=message) for message in sorted(failed)]
    return "\n".join(lines)


def _advice(advice: Dict[str, Any]) -> str:
    if advice["timeout_s"] is None:
        return tr("No timeout can be recommended: {because}", because=advice["because"])
    return tr("Recommended timeout: {timeout:g} s: {because}", timeout=advice["timeout_s"], because=advice["because"])


def main(arguments: Optional[Sequence[str]] = None) -> int:
    return run(lambda given: (parser(), given), arguments)
