"""``autoglm-debug compare``: a gate for CI. Two selections of launches, one verdict, one exit code."""

from __future__ import annotations

import argparse
import glob
import json
import sys
from pathlib import Path
from typing import Any, Dict, List

from diagnostics.agent import gate, gate_report
from diagnostics.agent.cli import arguments as common
from diagnostics.agent.cli.arguments import Parser
from diagnostics.agent.cli.running import print_json
from diagnostics.agent.failure import IMPOSSIBLE, OK, TROUBLE, USAGE, Failure
from diagnostics.agent.init_trace import Run, from_snapshot
from diagnostics.agent.messages import tr
from diagnostics.agent.server import Server

FORMATS = ("text", "json", "markdown", "junit")
CODES = {gate.REGRESSED: TROUBLE, gate.UNKNOWN: USAGE}


def parser(name: str) -> Parser:
    made = Parser(
        f"{name} compare",
        "--baseline SEL --candidate SEL [options]",
        tr("Compare two groups of launches and fail if the candidate is slower: a gate for CI."),
        tr(
            "SEL is snapshot files or globs, separated by commas, and then no server is asked; or launch ids; or "
            "service=NAME,environment=NAME,version=TEXT,last=20 (also host, start_class, since, until, label.K).\n\n"
            "On files the test is the exact rank-sum test, with the false discovery rate over phases held at 5 % and "
            "changes below 2 % or 10 ms ignored; it takes 3 launches a side to tell of the total, 4 and more to tell "
            "of phases. The server's own test uses the history of the service, too.\n\n"
            "Exit codes: 0 not slower; 1 slower; 2 cannot tell (too few launches, none selected, no snapshot), or "
            "wrong command line; 3 could not do it."
        ),
    )
    made.add_argument("--baseline", metavar="SEL", required=True, help=tr("the launches of before"))
    made.add_argument("--candidate", metavar="SEL", required=True, help=tr("the launches that are judged"))
    made.add_argument(
        "--fail-on",
        metavar="WHAT",
        choices=("regressed", "total"),
        default="regressed",
        help=tr("what exits 1: regressed (total or any phase), or total alone"),
    )
    made.add_argument(
        "--format", metavar="FORMAT", choices=FORMATS, default="text", help=tr("text, json, markdown or junit")
    )
    made.add_argument("--output", metavar="FILE", default="-", help=tr("where the result goes; - is standard output"))
    common.add_server(made)
    common.add_common(made)
    made.set_defaults(act=act, parser=made)
    return made


def act(options: argparse.Namespace) -> int:
    options.json = options.json or options.format == "json"
    local = [_is_local(text) for text in (options.baseline, options.candidate)]
    if any(local) and not all(local):
        options.parser.error(tr("one side is files and the other is not; both must be files, or neither"))
    document = _of_files(options) if all(local) else _of_server(options)
    told = gate.verdict(document, options.fail_on == "total")
    _write(options, document, told)
    return CODES.get(told, OK)


def _is_local(text: str) -> bool:
    """A path or a glob, rather than an id or key=value: a file of that name settles it."""
    parts = _parts(text)
    if any(Path(part).exists() for part in parts):
        return True
    return any(part.endswith(".json") or "*" in part or "?" in part for part in parts if not _is_pair(part))


def _is_pair(part: str) -> bool:
    key, equals, _ = part.partition("=")
    return bool(equals) and "/" not in key


def _parts(text: str) -> List[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _of_server(options: argparse.Namespace) -> Dict[str, Any]:
    common.required(options, ("server", "token"))
    server = Server(options.server, options.token, timeout=60.0)
    return server.get("compare", {"baseline": options.baseline, "candidate": options.candidate})


def _of_files(options: argparse.Namespace) -> Dict[str, Any]:
    return gate.compare(_runs(options.baseline), _runs(options.candidate))


def _runs(text: str) -> List[Run]:
    """The launches of a selection of files. Raises Failure, with 2: a gate without launches cannot tell."""
    names: List[str] = []
    for part in _parts(text):
        # A file whose name looks like a glob is that file.
        names += [part] if Path(part).exists() else sorted(glob.glob(part, recursive=True))  # noqa: PTH207  (Path.glob takes no absolute patterns)
    if not names:
        raise Failure(tr("no file is there for “{text}”", text=text), USAGE)
    return [_run(name) for name in dict.fromkeys(names)]


def _run(name: str) -> Run:
    try:
        return from_snapshot(json.loads(Path(name).read_text(encoding="utf-8")))
    except OSError as error:
        raise Failure(tr("{file} cannot be read: {error}", file=name, error=error.strerror), IMPOSSIBLE) from None
    except (ValueError, RecursionError) as error:
        raise Failure(tr("{file} is not a snapshot: {error}", file=name, error=error), USAGE) from None


def _write(options: argparse.Namespace, document: Dict[str, Any], told: str) -> None:
    written = _formatted("json" if options.json else options.format, document, told)
    if options.output == "-":
        print_json(written) if isinstance(written, dict) else print(written)
        return
    content = json.dumps(written, ensure_ascii=False, indent=1) if isinstance(written, dict) else written
    try:
        Path(options.output).write_text(content + "\n", encoding="utf-8", errors="replace")
    except OSError as error:
        reason = error.strerror or error
        raise Failure(tr("{path} cannot be written: {reason}", path=options.output, reason=reason)) from None
    print(gate.sentence(document, told), file=sys.stderr)


def _formatted(form: str, document: Dict[str, Any], told: str) -> Any:
    if form == "json":
        return {"schema": 1, "verdict": told, "exit_code": CODES.get(told, OK), **document}
    return {"text": gate_report.text, "markdown": gate_report.markdown, "junit": gate_report.junit}[form](
        document, told
    )
