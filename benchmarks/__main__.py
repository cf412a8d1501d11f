"""``python -m benchmarks [NAME]``: JSON lines on standard output, progress and a table on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from benchmarks.figures import FIGURES, chosen, is_wanted
from benchmarks.instance import running
from benchmarks.machine import load, machine
from benchmarks.measurement import Measurement, table


def main(arguments: Sequence[str]) -> int:
    """0 when every bar is met, 1 when one is missed, 2 when the question is wrong."""
    only = arguments[0] if arguments else os.environ.get("ONLY", "")
    if len(arguments) > 1 or only.partition(".")[0] not in ("", *FIGURES):
        _tell(f"There is no figure “{' '.join(arguments) or only}”; figures are {', '.join(FIGURES)}.")
        return 2
    _tell(f"Measured on {machine()}; load before: {load()}")
    measured = _measure(only)
    _tell("\n" + table(measured))
    return 0 if all(one.met for one in measured) else 1


def _measure(only: str) -> list[Measurement]:
    measured = []
    with running() as instance:
        for measure in chosen(only):
            for one in measure(instance):
                if is_wanted(one.figure, only):
                    print(one.as_json(), flush=True)
                    measured.append(one)
    return measured


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
