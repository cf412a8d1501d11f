"""How bad a line says it is."""

from __future__ import annotations

import pytest

from diagnostics.parsers.container_log.levels import in_text, in_words


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("INFO 04-17 08:59:02 [a.py:1] x", "info"),
        ("2025-01-24T07:00:30,139 WARN [main] A : x", "warning"),
        ("[2026-11-23 11:24:00 +0000] [8621] [DEBUG] x", "debug"),
        ("2025/07/07 05:54:40 [notice] 1#1: nginx", "notice"),
        ("2025/07/07 05:54:40 [emerg] 1#1: bind() failed", "critical"),
        ("level=error ts=2021 msg=x", "error"),
        ('time="2025-08-13T01:45:01Z" level=warning msg="x"', "warning"),
        ("E1110 14:17:41.900391    2296 a.go:1] INFO in the text", "error"),
        ("[rank3]:[E219 07:41:45.118204311 P.cpp:629] x", "error"),
        ("I20250611 06:50:06.101601 1 a.cc:1] x", "info"),
        ("2025-08-13 01:45:01.123 PDT [12345] LOG:  starting", "info"),
        ("2025-08-13 01:45:01.123 PDT [12345] FATAL:  no", "critical"),
        ("10-listen.sh: info: Getting", "info"),
        ("error: cannot open", "error"),
        ("[I 2025-08-13 01:45:01.123 ServerApp] x", "info"),
        ("2026-06-11 06:50:06.521788: W tensorflow/core/a.cc:182] x", "warning"),
        ("03-17 16:13:38.811  1702  2395 D WindowManager: x", "debug"),
        ("reading the LOG and the CONFIG", ""),
        ("forwarder_headers: ['SCRIPT_NAME', 'PATH_INFO']", ""),
        ("MYERROR2 ERRORS", ""),
        ("x" * 200 + " ERROR", ""),
        ("", ""),
    ],
)
def test_in_text(text: str, level: str) -> None:
    assert in_text(text) == level


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ("10", "trace"), ("20", "debug"), ("30", "info"), ("40", "warning"), ("50", "error"), ("60", "critical"),
        ("6", "info"), ("4", "warning"), ("3", "error"), ("0", ""), ("99999", ""), ("INFO", "info"),
        ("warn", "warning"), ("E", "error"), ("Information", "info"), ("", ""), ("nonsense", ""),
    ],
)  # fmt: skip
def test_in_words(told: str, level: str) -> None:
    assert in_words(told) == level
