"""Whose process a kernel's message is about: the launch's own, or somebody else's on the same host."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePosixPath

from diagnostics.analysis.diagnosis.case import Case
from diagnostics.records import Event

# The kernel keeps so many bytes of a process's name.
NAME_BYTES = 15
INTERPRETERS = re.compile(r"python[\d.]*|pypy[\d.]*|java|node|ruby")
# What engines call their workers.
ENGINES = re.compile(
    r"vllm|sglang|ray::|text-generation|tritonserver|pt_main_thread|torchrun|model_loader", re.IGNORECASE
)


class Whose(StrEnum):
    OURS = "ours"
    MAYBE = "maybe"
    OTHER = "other"


def whose(case: Case, event: Event) -> tuple[Whose, str]:
    """Whether the process of an event belongs to the launch, and the sentence that says why.

    The container's id in the control group decides. Without one a name speaks for it: the launch's command, or an
    engine's worker. A control group of an other container, or the name of a system's service, speaks against it.
    """
    fields = event.fields
    victim, group = str(fields.get("victim") or ""), str(fields.get("cgroup") or "")
    container, pod = case.labels.get("container", ""), case.labels.get("pod", "")
    if container and container in group:
        return Whose.OURS, f"It ran in the launch's container {container}"
    if pod and fields.get("object") == f"Pod/{pod}":
        return Whose.OURS, f"It ran in the launch's pod {pod}"
    if pod and str(fields.get("object") or "").startswith("Pod/"):
        return Whose.OTHER, f"It ran in {fields['object']}, the launch in {pod}"
    if container and re.search(r"[0-9a-f]{64}", group):
        return Whose.OTHER, f"It ran in another container than the launch's {container}"
    return whose_name(case, victim)


def whose_name(case: Case, victim: str) -> tuple[Whose, str]:
    """The same by a process's name alone."""
    names = command_names(case.labels.get("command", ""))
    if victim and victim in names:
        if INTERPRETERS.fullmatch(victim):
            return Whose.MAYBE, f"The launch runs {victim} too"
        return Whose.OURS, f"The launch's command runs {victim}"
    if ENGINES.search(victim):
        return Whose.MAYBE, f"{victim} is the name of a model server's process"
    if not victim or not names or INTERPRETERS.fullmatch(victim):
        return Whose.MAYBE, "Nothing tells that it was another's process"
    return Whose.OTHER, f"{victim} is not a name that the launch's command has"


def command_names(command: str) -> set[str]:
    """The names that the processes of a command may bear: those of its words that name programs."""
    words = [word for word in command.split() if not word.startswith("-") and "=" not in word]
    names = {PurePosixPath(word).name for word in words if word}
    return {name.encode()[:NAME_BYTES].decode("utf-8", "ignore") for name in names if name}
