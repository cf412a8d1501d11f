"""What the commands' parsers share: one look of the help on every Python, common options, typed values."""

from __future__ import annotations

import argparse
import os
import re
import sys
import textwrap
from typing import Any, Callable, List, Mapping, NoReturn, Optional, Sequence, Tuple

from diagnostics.agent import units
from diagnostics.agent.failure import OK, USAGE
from diagnostics.agent.messages import LANGUAGES, tr

# argparse words its errors itself; these are the ones a person meets.
_ERRORS = (
    (r"the following arguments are required: (?P<names>.*)", "missing on the command line: {names}"),
    (r"unrecognized arguments: (?P<names>.*)", "not known here: {names}"),
    (r"argument (?P<name>.*): expected one argument", "{name} needs a value"),
    (r"argument (?P<name>.*): invalid choice: (?P<value>'[^']*') \(choose from (?P<choices>.*)\)",
     "{name} cannot be {value}; it is one of {choices}"),
    (r"argument (?P<name>.*): invalid int value: (?P<value>.*)", "{name} needs a whole number, not {value}"),
    (r"argument (?P<name>.*?): (?P<message>.*)", "{name}: {message}"),
)  # fmt: skip


class Help(argparse.RawDescriptionHelpFormatter):
    """The same help on every Python: 3.13 shortened how options are listed."""

    def __init__(self, prog: str) -> None:
        columns = os.environ.get("COLUMNS", "")
        super().__init__(prog, max_help_position=30, width=min(int(columns), 120) - 2 if columns.isdigit() else None)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings:
            return str(action.metavar or action.dest)
        names = ", ".join(action.option_strings)
        return names if action.nargs == 0 else f"{names} {action.metavar or action.dest.upper()}"

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(textwrap.fill(line, width) for line in text.splitlines())

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: Optional[str] = None) -> None:
        super().add_usage(usage, actions, groups, tr("Usage: ") if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that speaks the language in use and does not guess abbreviations.

    One that ``takes_command`` leaves what follows the first ``--`` alone, as ``options.command``.
    """

    def __init__(self, prog: str, usage: str, description: str, epilog: str = "", takes_command: bool = False) -> None:
        super().__init__(
            prog=prog,
            usage=f"{prog} {usage}",
            description=description,
            epilog=epilog or None,
            formatter_class=Help,
            add_help=False,
            # An abbreviation in a script breaks when the next version adds an option.
            allow_abbrev=False,
        )
        self.takes_command = takes_command
        # Python 3.14 would colour the help even when only some of its texts are ours.
        self.color = False
        self._positionals.title, self._optionals.title = tr("Arguments"), tr("Options")
        self.add_argument("-h", "--help", action="help", help=tr("show this help and exit"))

    def read(self, given: Sequence[str]) -> argparse.Namespace:
        """The options. argparse's own handling of ``--`` differs between Pythons, so it never sees one."""
        own = list(given)
        command: List[str] = []
        if self.takes_command and "--" in own:
            place = own.index("--")
            own, command = own[:place], own[place + 1 :]
        options = self.parse_args(own)
        if self.takes_command:
            options.command = command
        return options

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {_translated(message)}\n")


def _translated(message: str) -> str:
    for pattern, template in _ERRORS:
        match = re.fullmatch(pattern, message, re.DOTALL)
        if match:
            return tr(template, **match.groupdict())
    return message


def choose(
    prog: str, summary: str, commands: Mapping[str, Callable[[], Parser]], given: Sequence[str]
) -> Tuple[Parser, List[str]]:
    """The parser of the command named first, and what is left for it; ends the program for help and for mistakes."""
    # --lang may stand before the command, where the parsers below do not look.
    words = [word for word in given if word != "--json"]
    if words[:1] == ["--lang"]:
        words = words[2:]
    elif words[:1] and words[0].startswith("--lang="):
        words = words[1:]
    if words and words[0] in commands:
        rest = list(given)
        rest.remove(words[0])
        return commands[words[0]](), rest
    if words[:1] in (["-h"], ["--help"]):
        print(overview(prog, summary, commands), end="")
        raise SystemExit(OK)
    sys.stderr.write(overview(prog, summary, commands))
    if words:
        sys.stderr.write("\n" + tr("{prog}: there is no command “{name}”", prog=prog, name=words[0]) + "\n")
    raise SystemExit(USAGE)


def overview(prog: str, summary: str, commands: Mapping[str, Callable[[], Parser]]) -> str:
    widest = max(map(len, commands))
    lines = [tr("Usage: ") + f"{prog} COMMAND …", "", summary, "", tr("Commands") + ":"]
    lines += [f"  {name:<{widest}}  {build().description}" for name, build in commands.items()]
    return "\n".join([*lines, "", tr("“{prog} COMMAND --help” tells more.", prog=prog), ""])


def add_common(parser: argparse.ArgumentParser) -> None:
    """``--json`` and ``--lang``, which every command has."""
    group = parser.add_argument_group(tr("Output"))
    group.add_argument("--json", action="store_true", help=tr("print one JSON document instead of text"))
    group.add_argument(
        "--lang",
        choices=LANGUAGES,
        metavar="en|zh",
        help=tr("language of texts; else LANGUAGE, LC_ALL and LANG decide"),
    )


def add_server(parser: argparse.ArgumentParser) -> Any:
    """Where the server is and what lets us in."""
    group = parser.add_argument_group(tr("Server"))
    group.add_argument(
        "--server",
        metavar="URL",
        default=os.environ.get("LAUNCHSCOPE_URL", ""),
        help=tr("address; else LAUNCHSCOPE_URL"),
    )
    group.add_argument(
        "--token",
        default=os.environ.get("LAUNCHSCOPE_TOKEN", ""),
        help=tr("token; else LAUNCHSCOPE_TOKEN, which other users of the host cannot see"),
    )
    return group


def add_identity(parser: argparse.ArgumentParser) -> None:
    """What the data is about."""
    group = parser.add_argument_group(tr("What it is about"))
    group.add_argument("--service", metavar="NAME", default="", help=tr("the service that is launched"))
    group.add_argument("--environment", metavar="NAME", default="", help=tr("such as prod or staging"))
    group.add_argument("--version", metavar="TEXT", default="", help=tr("version of the service"))
    group.add_argument(
        "--host", metavar="NAME", default="", help=tr("name of this host; else what the host calls itself")
    )
    group.add_argument(
        "--label", metavar="K=V", action="append", type=label, default=[], help=tr("a fact to keep; may be repeated")
    )
    group.add_argument("--launch-id", metavar="UUID", default="", help=tr("the launch this belongs to"))


def add_upload(parser: argparse.ArgumentParser) -> None:
    """Server, identity, and the switch that sends."""
    group = add_server(parser)
    group.add_argument("--upload", action="store_true", help=tr("send to the server, from a spool, in the background"))
    group.add_argument("--spool", metavar="DIR", default="", help=tr("where unsent data waits; else LAUNCHSCOPE_SPOOL"))
    add_identity(parser)


def label(text: str) -> "tuple[str, str]":
    """``k=v`` → (k, v)."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise argparse.ArgumentTypeError(tr("“{text}” is not a label; write name=value", text=text))
    return key, value


def seconds(text: str) -> float:
    """A time as people type it, above zero, in seconds."""
    try:
        value = units.seconds(text)
    except ValueError:
        value = 0.0
    if value <= 0:
        raise argparse.ArgumentTypeError(tr("“{text}” is not a time above zero; write 5, 5s, 250ms or 2m", text=text))
    return value


def seconds_list(text: str) -> List[float]:
    """``3,5,10`` → seconds, ascending, each once."""
    return sorted({seconds(part) for part in text.split(",")})


def count(text: str) -> int:
    """A whole number from one on."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(tr("“{text}” is not a whole number from 1 on", text=text))
    return int(text)


def share(text: str) -> float:
    """A percentage, 0 to 100 → 0..1."""
    try:
        value = float(text.rstrip("% "))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(tr("“{text}” is not a percentage from 0 to 100", text=text))
    return value / 100


def required(options: argparse.Namespace, names: Sequence[str]) -> None:
    """End with a sentence if one of ``names`` was not given, on the command line or in the environment."""
    missing = ["--" + name.replace("_", "-") for name in names if not getattr(options, name)]
    if missing:
        options.parser.error(tr("missing on the command line: {names}", names=", ".join(missing)))
