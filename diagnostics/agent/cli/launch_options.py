"""How a command is run as a launch: when it is ready, and what is recorded of it."""

from __future__ import annotations

import argparse

from diagnostics.agent.cli import arguments as common
from diagnostics.agent.cli.arguments import Parser
from diagnostics.agent.messages import tr

PROFILES = ("auto", "vllm", "sglang", "tgi", "triton", "ray-serve", "generic")


def add_readiness(parser: Parser) -> None:
    group = parser.add_argument_group(tr("When it is ready"))
    group.add_argument(
        "--ready-line",
        metavar="REGEX",
        action="append",
        default=[],
        help=tr("a line of its output says so; may be repeated"),
    )
    group.add_argument("--ready-url", metavar="URL", default="", help=tr("this URL answers 2xx"))
    group.add_argument(
        "--success-url", metavar="URL", default="", help=tr("when ready, ask this URL for the first success")
    )
    group.add_argument(
        "--ready-port",
        metavar="[HOST:]PORT",
        type=place,
        help=tr("something listens there; else on loopback"),
    )
    group.add_argument("--profile", choices=PROFILES, default="auto", metavar="NAME",
                       help=tr("whose output it is: {names}", names=", ".join(PROFILES)))  # fmt: skip
    group.add_argument(
        "--timeout", metavar="TIME", type=common.seconds, help=tr("give up waiting after 90, 90s or 15m")
    )
    after = group.add_mutually_exclusive_group()
    after.add_argument("--detach", action="store_true", help=tr("when ready, leave it running and return"))
    after.add_argument("--stop", action="store_true", help=tr("when ready, stop it and return"))


def add_recording(parser: Parser) -> None:
    group = parser.add_argument_group(tr("What is recorded"))
    group.add_argument("--python", action="store_true", help=tr("also the imports of a Python program (-X importtime)"))
    group.add_argument(
        "--expect", metavar="FILE", default="", help=tr("settings the launch should have: JSON, TOML or NAME=value")
    )
    group.add_argument("--sample-interval", metavar="TIME", type=common.seconds, default=0.5,
                       help=tr("time between two samples of the host (500ms)"))  # fmt: skip
    group.add_argument("--no-samples", action="store_true", help=tr("do not sample the host"))


def place(text: str) -> str:
    """``8000`` or ``host:8000``; ports are 1 to 65535."""
    number = text.rpartition(":")[2]
    if not number.isdecimal() or not 0 < int(number) < 65536:
        raise argparse.ArgumentTypeError(tr("“{text}” is not a port; write 8000 or host:8000", text=text))
    return text
