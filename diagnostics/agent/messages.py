"""The language of everything a person reads: English, or Chinese where the locale or ``--lang`` says so.

The English sentence is the key, so that code reads as its output does; ``catalogue`` holds the Chinese ones as data.
"""

from __future__ import annotations

import os
from typing import Any, Mapping, Sequence

LANGUAGES = ("en", "zh")
_chosen = "en"
_spoken: Mapping[str, str] = {}


def from_environment(environment: Mapping[str, str]) -> str:
    """``en`` or ``zh``, as gettext decides: LC_ALL, LC_MESSAGES, LANG; LANGUAGE goes first unless the locale is C."""
    locale = next((environment[k] for k in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(k)), "")
    # A script that sets C wants the same words everywhere.
    if locale.partition(".")[0] in ("C", "POSIX"):
        return "en"
    for wanted in [*environment.get("LANGUAGE", "").split(":"), locale]:
        known = wanted[:2].lower()
        if known in LANGUAGES:
            return known
    return "en"


def from_arguments(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """``--lang`` read ahead of the parser, whose own help is already in that language."""
    own = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    for position, argument in enumerate(own):
        name, equals, value = argument.partition("=")
        if name == "--lang" and not equals:
            value = own[position + 1] if position + 1 < len(own) else ""
        if name == "--lang" and value in LANGUAGES:
            return value
    return from_environment(environment)


def use(language: str) -> None:
    """Speak ``en`` or ``zh`` from here on."""
    global _chosen, _spoken
    _chosen = language
    if language == "zh" and not _spoken:
        # In a .pyz each module is compiled at every start: who speaks English need not pay for it.
        from diagnostics.agent.catalogue import CHINESE

        _spoken = CHINESE


def tr(text: str, /, **values: Any) -> str:
    """The sentence in the language in use, its ``{names}`` filled with ``values``."""
    spoken = _spoken.get(text, text) if _chosen == "zh" else text
    return spoken.format(**values) if values else spoken


use(from_environment(os.environ))
