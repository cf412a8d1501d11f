"""Runs one command: language first, then the parser, then the work; every failure becomes a sentence and a code."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from typing import Any, Callable, List, Optional, Sequence, TextIO, Tuple

from diagnostics.agent import messages
from diagnostics.agent.cli.arguments import Parser
from diagnostics.agent.failure import INTERRUPTED, OK, Failure
from diagnostics.agent.messages import tr

Choice = Tuple[Parser, List[str]]


def run(build: Callable[[List[str]], Choice], arguments: Optional[Sequence[str]] = None) -> int:
    """Parse ``arguments`` (else those of the process) and call the ``act`` they lead to; returns the exit code.

    ``build`` gets the arguments and returns a parser with what is left for it.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    messages.use(messages.from_arguments(given, os.environ))
    _survive_any_text(sys.stdout)
    _survive_any_text(sys.stderr)
    parser, own = build(given)
    options = parser.read(own)
    try:
        code: int = options.act(options)
        sys.stdout.flush()
        return code
    except Failure as failure:
        _tell(options, failure)
        return failure.code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # `… | head` has read enough; the interpreter must not complain again when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _survive_any_text(stream: TextIO) -> None:
    """A terminal of another encoding shows escapes instead of ending the program."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _tell(options: Namespace, failure: Failure) -> None:
    # A script that asked for JSON gets JSON, also of what went wrong.
    if getattr(options, "json", False):
        print(json.dumps({"error": {"code": failure.code, "message": failure.message}}, ensure_ascii=False))
    print(f"{options.parser.prog}: {failure.message}", file=sys.stderr)


def print_json(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=1))


def note(text: str) -> None:
    """Something beside the result: to standard error, so that the result can be piped."""
    print(text, file=sys.stderr, flush=True)


__all__ = ["note", "print_json", "run", "tr"]
