"""``python -m webapp.alive``: exit status 0 if the web server of this container answers."""

from __future__ import annotations

import os
import sys

from webapp.listening import Listening

if __name__ == "__main__":
    sys.exit(0 if Listening("127.0.0.1", int(os.environ.get("GRANIAN_PORT", "8000"))).answers() else 1)
