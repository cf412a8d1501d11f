"""``autoglm-debug dump-launch-sequence | upload | collect | compare``."""

from __future__ import annotations

import argparse
from typing import Optional, Sequence

from diagnostics.agent.cli import arguments as common
from diagnostics.agent.cli import launch_options, sending
from diagnostics.agent.cli.arguments import Parser
from diagnostics.agent.cli.running import print_json, run
from diagnostics.agent.failure import OK, TROUBLE
from diagnostics.agent.messages import tr
from diagnostics.agent.upload import PATIENCE

NAME = "autoglm-debug"


def dump_parser() -> Parser:
    made = Parser(
        f"{NAME} dump-launch-sequence",
        "[options] [-- COMMAND ARGUMENT …]",
        tr("Run a command as a launch and record where its start spends the time, or read that from a saved log."),
        tr(
            "The command's output, signals and exit code pass through unchanged. Without a rule for “ready” the "
            "profile decides, from the output itself.\n\n"
            "Exit codes: the command's own (128 + N if signal N ended it); 0 it was ready and is left running or was "
            "stopped; 1 it ended before it was ready, with 0; 2 wrong command line; 3 a file cannot be read or "
            "written; 124 not ready within --timeout; 126 the command cannot be run; 127 there is no such command."
        ),
        takes_command=True,
    )
    made.add_argument(
        "--output",
        metavar="FILE",
        default="launch_snapshot.json",
        help=tr("where the snapshot goes; - is standard output"),
    )
    made.add_argument(
        "--verbose", action="store_true", help=tr("sub-modules, dependencies and facts of the environment")
    )
    launch_options.add_readiness(made)
    _add_saved_log(made)
    launch_options.add_recording(made)
    common.add_upload(made)
    common.add_common(made)
    made.set_defaults(act=_dump, parser=made)
    return made


def _add_saved_log(parser: Parser) -> None:
    group = parser.add_argument_group(tr("From a saved log"))
    group.add_argument(
        "--from-log", metavar="FILE", default="", help=tr("read this log instead of running; - is standard input")
    )
    group.add_argument(
        "--timestamps", action="store_true", help=tr("its lines begin with the time of arrival (kubectl, docker -t)")
    )
    group.add_argument("--year", metavar="YYYY", type=common.count, help=tr("for stamps without a year"))


def upload_parser() -> Parser:
    made = Parser(
        f"{NAME} upload",
        "[options] [FILE …]",
        tr("Send what waits in the spool, and FILEs, to the server."),
        tr(
            "Exit codes: 0 all arrived; 1 something is left in the spool or was refused; 2 wrong command line; "
            "3 could not do it."
        ),
    )
    made.add_argument("files", nargs="*", metavar="FILE", help=tr("a snapshot, or with --kind any other artifact"))
    made.add_argument(
        "--kind", default="snapshot", help=tr("what the files are: snapshot, kernel-log, sar, container-log …")
    )
    made.add_argument(
        "--patience", metavar="TIME", type=common.seconds, default=PATIENCE, help=tr("keep trying for so long (15m)")
    )
    group = common.add_server(made)
    group.add_argument("--spool", metavar="DIR", default="", help=tr("where unsent data waits; else LAUNCHSCOPE_SPOOL"))
    common.add_identity(made)
    common.add_common(made)
    made.set_defaults(act=_upload, parser=made)
    return made


def collect_parser() -> Parser:
    made = Parser(
        f"{NAME} collect",
        "--since TIME [options]",
        tr("Gather what the host knows of a span of time into one bundle (.tar.gz)."),
        tr(
            "Exit codes: 0 done, even if some sources are not there; 2 wrong command line; 3 could not do it; "
            "4 nothing was found."
        ),
    )
    made.add_argument("--output", metavar="FILE", default="launchscope-bundle.tar.gz", help=tr("where the bundle goes"))
    made.add_argument(
        "--since", metavar="TIME", required=True, help=tr("from then on: 30m, 2h, or 2026-11-23T10:00:00Z")
    )
    made.add_argument("--until", metavar="TIME", default="", help=tr("up to then; else now"))
    made.add_argument("--dmesg", action="store_true", help=tr("kernel messages"))
    made.add_argument("--sar", action="store_true", help=tr("sysstat's records"))
    made.add_argument(
        "--container-log", metavar="FILE", action="append", default=[], help=tr("a container's log; may be repeated")
    )
    made.add_argument(
        "--k8s-events",
        metavar="FILE",
        action="append",
        default=[],
        help=tr("kubectl get events -o json; may be repeated"),
    )
    made.add_argument(
        "--k8s-pod",
        metavar="FILE",
        action="append",
        default=[],
        help=tr("kubectl get pod NAME -o json; may be repeated"),
    )
    made.add_argument("--file", metavar="KIND=FILE", type=common.label, action="append", default=[],
                      help=tr("any other artifact; may be repeated"))  # fmt: skip
    common.add_upload(made)
    common.add_common(made)
    made.set_defaults(act=_collect, parser=made)
    return made


def compare_parser() -> Parser:
    from diagnostics.agent.cli import comparing

    return comparing.parser(NAME)


def _dump(options: argparse.Namespace) -> int:
    from diagnostics.agent import snapshot

    sending.check(options)
    return snapshot.dump(options)


def _collect(options: argparse.Namespace) -> int:
    from diagnostics.agent import collect

    sending.check(options)
    return collect.collect(options)


def _upload(options: argparse.Namespace) -> int:
    from diagnostics.agent.cli import uploading

    sent, left, refused = uploading.upload(options)
    if options.json:
        print_json({"sent": sent, "left": left, "refused": refused})
    else:
        print(tr("{sent} sent, {left} left in the spool, {refused} refused", sent=sent, left=left, refused=refused))
    return OK if not (left or refused) else TROUBLE


COMMANDS = {
    "dump-launch-sequence": dump_parser,
    "upload": upload_parser,
    "collect": collect_parser,
    "compare": compare_parser,
}


def main(arguments: Optional[Sequence[str]] = None) -> int:
    summary = tr("Record launches on this host and bring them to Launchscope.")
    return run(lambda given: common.choose(NAME, summary, COMMANDS, given), arguments)
