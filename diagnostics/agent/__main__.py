"""``python agent.pyz`` and ``python -m diagnostics.agent``: the first word chooses the command.

``SUBCOMMAND …`` alone means ``autoglm-debug SUBCOMMAND …``.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Optional, Sequence

# Imported only when chosen: a status that must take less than 200 ms has no time for the others.
PROGRAMS = {
    "autoglm-debug": "diagnostics.agent.cli.autoglm_debug",
    "diag-glm": "diagnostics.agent.cli.diag_glm",
    "glmctl": "diagnostics.agent.cli.glmctl",
    "diagnose": "diagnostics.agent.cli.diagnose",
}


def main(arguments: Optional[Sequence[str]] = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    if sys.version_info < (3, 9):
        sys.stderr.write("Launchscope's agent needs Python 3.9 or newer; this is %d.%d\n" % sys.version_info[:2])
        return 3
    program = given.pop(0) if given[:1] and given[0] in PROGRAMS else "autoglm-debug"
    code: int = import_module(PROGRAMS[program]).main(given)
    return code


if __name__ == "__main__":
    sys.exit(main())
