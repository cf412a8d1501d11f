"""``diag-glm init-trace``: the phases of a service's launches as one table."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from diagnostics.agent import init_trace, trend
from diagnostics.agent.cli import arguments as common
from diagnostics.agent.cli import launch_options, sending
from diagnostics.agent.cli.arguments import Parser
from diagnostics.agent.cli.running import note, print_json, run
from diagnostics.agent.failure import IMPOSSIBLE, OK, TROUBLE, USAGE, Failure
from diagnostics.agent.messages import tr
from diagnostics.agent.server import Server
from diagnostics.agent.tables import LEFT, RIGHT, table
from diagnostics.agent.units import duration, milliseconds, percent

NAME = "diag-glm"


def parser() -> Parser:
    made = Parser(
        f"{NAME} init-trace",
        "[--service S] [--last N] [FILE …] [-- COMMAND ARGUMENT …]",
        tr("Show what each phase of a service's start takes: mean, spread, share, trend."),
        tr(
            "Launches come from the server (--service), from snapshot FILEs, or are recorded now: COMMAND is started "
            "--runs times, and stopped each time it is ready. Times are in ms; ± is the standard deviation; the share "
            "of a phase is its part of the total, so phases inside others count twice. The trend is ↑ slower, ↓ "
            "faster, → steady, · fewer than 5 launches (Mann–Kendall, p < 0.05, and more than 2 % and 10 ms).\n\n"
            "Exit codes: 0 done; 1 a recorded launch did not become ready; 2 wrong command line or no snapshot; "
            "3 could not do it; 4 there are no launches."
        ),
        takes_command=True,
    )
    made.add_argument("files", nargs="*", metavar="FILE", help=tr("snapshots, of any form and age"))
    made.add_argument(
        "--last", type=common.count, default=20, metavar="N", help=tr("newest launches of the service (20)")
    )
    made.add_argument("--runs", type=common.count, default=5, metavar="N", help=tr("launches of COMMAND to record (5)"))
    made.add_argument("--depth", type=common.count, default=3, metavar="N", help=tr("levels of nesting to show (3)"))
    made.add_argument(
        "--least", type=common.share, default=0.01, metavar="PERCENT", help=tr("least share of the total to show (1)")
    )
    launch_options.add_readiness(made)
    launch_options.add_recording(made)
    common.add_upload(made)
    common.add_common(made)
    made.set_defaults(act=act, parser=made)
    return made


def act(options: argparse.Namespace) -> int:
    if options.last > 1000:
        options.parser.error(tr("--last goes up to 1000"))
    sending.check(options)
    runs = sorted(_runs(options), key=lambda seen: seen.start_time)
    rows = init_trace.table(runs)
    print_json(_document(options, runs, rows)) if options.json else print(text(options, runs, rows))
    return TROUBLE if options.command and any(seen.failed for seen in runs) else OK


def _runs(options: argparse.Namespace) -> List[init_trace.Run]:
    if options.command:
        return _recorded(options)
    if options.files:
        documents = [_read(name) for name in options.files]
        if options.upload:
            sending.send_snapshots(options, documents)
        return [init_trace.from_snapshot(document) for document in documents]
    common.required(options, ("service", "server", "token"))
    server = Server(options.server, options.token, timeout=60.0)
    return init_trace.from_server(server, options.service, options.environment, options.last)


def _recorded(options: argparse.Namespace) -> List[init_trace.Run]:
    from diagnostics.agent import snapshot
    from diagnostics.agent.launching import CannotStart

    options.stop = not options.detach
    runs = []
    for number in range(options.runs):
        try:
            document = snapshot.record(options)
        except CannotStart as error:
            raise Failure(str(error), error.code) from None
        if options.upload:
            sending.send_snapshots(options, [document])
        runs.append(init_trace.from_snapshot(document))
        state = tr("did not become ready") if runs[-1].failed else duration(runs[-1].total)
        note(tr("launch {number} of {count}: {state}", number=number + 1, count=options.runs, state=state))
    return runs


def _read(name: str) -> Any:
    try:
        content = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        document = json.loads(content)
        init_trace.from_snapshot(document)
    except OSError as error:
        raise Failure(tr("{file} cannot be read: {error}", file=name, error=error.strerror), IMPOSSIBLE) from None
    except ValueError as error:
        raise Failure(tr("{file} is not a snapshot: {error}", file=name, error=error), USAGE) from None
    return document


def _document(
    options: argparse.Namespace, runs: Sequence[init_trace.Run], rows: Sequence[init_trace.Row]
) -> Dict[str, Any]:
    good = [seen for seen in runs if not seen.failed]
    return {
        "schema": 1,
        "service": options.service,
        "launches": [seen.id for seen in good],
        "failed": len(runs) - len(good),
        "total": rows[0].document(),
        "phases": [row.document() for row in rows[1:-1]],
        "unaccounted": rows[-1].document(),
    }


def text(options: argparse.Namespace, runs: Sequence[init_trace.Run], rows: Sequence[init_trace.Row]) -> str:
    good = [seen for seen in runs if not seen.failed]
    versions = sorted({seen.version for seen in good if seen.version})
    title = tr("launches: {count}", count=len(good)) + (f" ({', '.join(versions)})" if versions else "")
    columns = [
        (tr("phase"), LEFT),
        (tr("launches"), RIGHT),
        (tr("mean, ms"), RIGHT),
        ("±", RIGHT),
        (tr("share"), RIGHT),
    ]
    telling = [row for row in rows[1:-1] if row.depth < options.depth and row.share >= options.least]
    shown = [rows[0], *telling, rows[-1]]
    lines = [title, "", table([*columns, (tr("trend"), LEFT)], [_cells(row) for row in shown])]
    if len(shown) < len(rows):
        lines.append(tr("phases not shown: {count}; see --depth and --least", count=len(rows) - len(shown)))
    if len(good) < len(runs):
        lines.append(tr("left out, since they did not become ready: {count}", count=len(runs) - len(good)))
    if len(good) < trend.LEAST:
        lines.append(tr("no trend: it takes {least} launches", least=trend.LEAST))
    return "\n".join(lines)


def _cells(row: init_trace.Row) -> List[str]:
    names = {None: tr("total"), "": tr("(no phase)")}
    name = names.get(row.phase) or "  " * row.depth + (row.phase or "").rpartition("/")[2]
    spread = "–" if row.spread is None else milliseconds(row.spread)
    name = name.replace("~1", "/").replace("~0", "~")
    return [name, str(row.runs), milliseconds(row.mean), spread, percent(row.share), row.trend]


def main(arguments: Optional[Sequence[str]] = None) -> int:
    summary = tr("Look at how a service starts.")
    return run(lambda given: common.choose(NAME, summary, {"init-trace": parser}, given), arguments)
