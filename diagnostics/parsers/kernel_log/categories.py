"""What a kernel message is about, by its words, and the facts it states.

Most messages are about nothing in particular. A rule is tried only on messages that hold one of its ``words`` (between
blanks), so a message costs one set operation unless it may matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from diagnostics.records import Category

Fields = Mapping[str, Any]
PCI = r"[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}(?:\.\d)?"

HUNG = re.compile(
    r"task (?P<task>.+?):(?P<pid>\d+)(?: <\w+>)? blocked (?:in I/O wait )?for more than (?P<seconds>\d+) s"
)
SOFT_LOCKUP = re.compile(r"soft lockup - CPU#(?P<cpu>\d+) stuck for (?P<seconds>\d+)s! \[(?P<task>.*):(?P<pid>\d+)\]")
HARD_LOCKUP = re.compile(r"hard LOCKUP on cpu (?P<cpu>\d+)")
STALL = re.compile(r"(?:self-)?detected (?:expedited )?stalls? on (?:CPUs?|tasks?)")
SEGFAULT = re.compile(
    r"(?P<task>.{1,40})\[(?P<pid>\d+)\]:? segfault at (?P<address>[0-9a-f]+) (?:ip|rip|nip).*?"
    r"(?: in (?P<library>[^\[\]]+)\[|$)"
)
TRAP = re.compile(
    r"(?:traps: )?(?P<task>.{1,40})\[(?P<pid>\d+)\]:? (?P<trap>(?:general protection|trap [a-z ]+|bad frame)[a-z ]*?)"
    r" (?:ip|rip)[: ].*?(?: in (?P<library>[^\[\]]+)\[|$)"
)
BLOCK_ERROR = re.compile(
    r"(?:^|: )(?P<error>[\w/ -]+ error), dev (?P<device>[^\s,]+), sector (?P<sector>\d+)"
    r"(?: op 0x[0-9a-f]+:\((?P<operation>\w+)\))?"
)
BUFFER_ERROR = re.compile(
    r"(?P<error>Buffer I/O error) on dev(?:ice)? (?P<device>[^\s,]+), logical block (?P<block>\d+)(?:, (?P<doing>.*))?"
)
ATA_ERROR = re.compile(r"(?P<device>ata\d+(?:\.\d+)?): (?P<error>failed command): (?P<operation>READ|WRITE|FLUSH)?")
OFFLINE = re.compile(r"(?:\[(?P<device>\w+)\] )?(?P<error>rejecting I/O to (?:offline|dead) device)")
FILESYSTEM = re.compile(
    r"(?P<filesystem>EXT[234]-fs|XFS|BTRFS|JBD2|FAT-fs|exFAT-fs|F2FS-fs|NTFS-fs|ntfs3|GFS2|OCFS2|SQUASHFS|erofs|NFS|nfs4?|"
    r"CIFS|cifs|ceph|libceph|Lustre|LustreError|overlayfs|ISOFS|REISERFS|UBIFS|ZFS|VFS)(?:[: ]|\b)"
)
ON_DEVICE = re.compile(r"\((?:device )?([\w.\-/]+)\)|on device ([\w.\-/:]*\w)|server (\S+)")
NVME = re.compile(rf"(?:nvme )?(?P<device>nvme\d+(?:n\d+)?\b|(?<=nvme ){PCI})")
XID = re.compile(r"(?:NVRM: Xid|nvidia-nvswitch\d+: SXid) \((?:PCI:)?(?P<pci>[0-9a-fA-F:.]+)\): (?P<xid>\d+)")
XID_TASK = re.compile(r"pid='?(\d+)'?, name=([^,]+)")
GPU = re.compile(rf"(?P<driver>NVRM|nvidia(?:[-_]\w+)?|amdgpu|radeon|i915|xe|nouveau)\b(?: (?P<pci>{PCI}))?")
LINK = re.compile(
    r"(?:^|[ (])(?P<interface>[a-zA-Z][\w.\-@]*)[:)]{0,2} (?:NIC |Copper |slave )*"
    r"(?:link status definitely |[Ll]ink (?:is |becomes )?|carrier )"
    r"(?P<state>[Uu]p|UP|[Dd]own|DOWN|ready|not ready|lost|on|off)\b"
)
FABRIC_LINK = re.compile(r"(?P<interface>\S+): Port: \d+ Link (?P<state>ACTIVE|UP|DOWN)\b")
BOND_LINK = re.compile(r"link status definitely (?P<state>up|down) for (?:active )?interface (?P<interface>[^\s,]+)")
MACHINE_CHECK = re.compile(r"\[Hardware Error\]|EDAC .*?\b(?:CE|UE)\b|[Mm]achine [Cc]heck (?:events|Exception|:)")
THROTTLE = re.compile(
    r"CPU(?P<cpu>\d+): (?P<what>.*?(?:[Tt]emperature|power limit).*?)(?:\(|$)"
    r"|(?P<critical>[Cc]ritical temperature reached)"
)
TROUBLE = re.compile(
    r"error(?!s=)|fail|warn|corrupt|abort|timeout(?! set)|timed out|time out|not responding|read-only|"
    r"shut ?down(?! timeout)|reset|unable|cannot|can't|lost|hang|hung|bad |fallen|stuck|dead|removing|forced|critical",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rule:
    category: Category
    words: frozenset[str]
    fields: Callable[[str], Fields | None]


def categorise(text: str, words: list[str]) -> tuple[Category, Fields]:
    """Category and fields of a message; ``words`` are its parts between blanks."""
    for rule in RULES:
        if not rule.words.isdisjoint(words) and (fields := rule.fields(text)) is not None:
            return rule.category, fields
    if fields := _nvme(text):
        return Category.NVME, fields
    return Category.OTHER, {}


def _hung_task(text: str) -> Fields | None:
    found = HUNG.search(text)
    return found and _numbered(found, "pid", "seconds")


def _lockup(text: str) -> Fields | None:
    if found := SOFT_LOCKUP.search(text):
        return {"lockup": "soft", **_numbered(found, "cpu", "seconds", "pid")}
    if found := HARD_LOCKUP.search(text):
        return {"lockup": "hard", **_numbered(found, "cpu")}
    return {"lockup": "rcu stall"} if STALL.search(text) else None


def _segfault(text: str) -> Fields | None:
    if found := SEGFAULT.match(text):
        return _numbered(found, "pid")
    found = TRAP.match(text)
    return found and {"address": None, **_numbered(found, "pid")}


def _io_error(text: str) -> Fields | None:
    if found := BLOCK_ERROR.search(text):
        operation = found["operation"]
        return {
            "device": found["device"],
            "sector": int(found["sector"]),
            "operation": operation.lower() if operation else None,
            "error": found["error"],
        }
    if found := BUFFER_ERROR.search(text):
        operation = next((word for word in ("read", "write") if word in (found["doing"] or "")), None)
        fields = {"device": found["device"], "sector": None, "operation": operation, "error": found["error"]}
        return fields | {"block": int(found["block"])}
    found = ATA_ERROR.match(text) or OFFLINE.search(text)
    if found is None:
        return None
    operation = found.groupdict().get("operation")
    return {
        "device": found["device"] or text.split(": ")[0],
        "sector": None,
        "operation": operation.lower() if operation else None,
        "error": found["error"],
    }


def _filesystem(text: str) -> Fields | None:
    found = FILESYSTEM.match(text)
    if found is None and not text.startswith(("Remounting filesystem", "Aborting journal")):
        return None
    place, is_problem = ON_DEVICE.search(text), TROUBLE.search(text) is not None
    if place is None and not is_problem:
        return None  # a driver that introduces itself
    device = place and next(name for name in place.groups() if name)
    return {"filesystem": found["filesystem"] if found else None, "device": device, "problem": is_problem}


def _nvme(text: str) -> Fields | None:
    found = NVME.match(text.lstrip())  # by how the message begins: the device is its first word
    return found and {"device": found["device"], "problem": TROUBLE.search(text) is not None}


def _gpu(text: str) -> Fields | None:
    if found := XID.search(text):
        fields: dict[str, Any] = {"xid": int(found["xid"]), "pci": found["pci"], "problem": True}
        task = XID_TASK.search(text)
        return fields | ({"pid": int(task[1]), "task": task[2]} if task else {})
    found = GPU.search(text)
    if found is None or not text.startswith((found[0], "[drm", "[" + found[0])):
        return None
    pci = found["pci"] or next(iter(re.findall(PCI, text)), None)
    return {"xid": None, "pci": pci, "driver": found["driver"], "problem": TROUBLE.search(text) is not None}


def _link(text: str) -> Fields | None:
    found = BOND_LINK.search(text) or FABRIC_LINK.search(text) or LINK.search(text)
    if found is None or found["interface"] in ("SATA", "PCIe"):
        return None
    is_up = found["state"].lower() in ("up", "ready", "on", "active")
    return {"interface": found["interface"], "state": "up" if is_up else "down"}


def _machine_check(text: str) -> Fields | None:
    if MACHINE_CHECK.search(text) is None:
        return None
    return {"problem": True, "corrected": "orrected" in text and "ncorrected" not in text}


def _throttle(text: str) -> Fields | None:
    found = THROTTLE.search(text)
    if found is None:
        return None
    is_hot = "above threshold" in text or "limit notification" in text or found["critical"] is not None
    return {"cpu": int(found["cpu"]) if found["cpu"] else None, "problem": is_hot}


def _numbered(found: re.Match[str], *numbers: str) -> dict[str, Any]:
    return found.groupdict() | {name: int(found[name]) for name in numbers}


def _rule(category: Category, words: str, fields: Callable[[str], Fields | None]) -> Rule:
    return Rule(category, frozenset(words.split()), fields)


RULES = (
    _rule(Category.HUNG_TASK, "blocked", _hung_task),
    _rule(Category.SOFT_LOCKUP, "lockup LOCKUP stall stalls", _lockup),
    _rule(Category.SEGFAULT, "segfault traps: protection trap", _segfault),
    _rule(
        Category.GPU,
        "NVRM: Xid SXid nvidia nvidia: nvidia-modeset: nvidia-nvlink: nvidia-uvm: nvidia_uvm: nvidia-drm: "
        "amdgpu amdgpu: [amdgpu]] [drm] i915 xe nouveau nouveau: radeon",
        _gpu,
    ),
    _rule(
        Category.FILESYSTEM,
        "EXT4-fs EXT3-fs EXT2-fs XFS XFS: BTRFS BTRFS: JBD2: FAT-fs exFAT-fs F2FS-fs NTFS-fs ntfs3: GFS2: OCFS2: "
        "SQUASHFS erofs: erofs NFS: nfs: nfs4: CIFS: cifs: ceph: libceph: Lustre: LustreError: overlayfs: ISOFS "
        "REISERFS UBIFS ZFS: VFS: Remounting Aborting",
        _filesystem,
    ),
    _rule(Category.IO_ERROR, "error, I/O command:", _io_error),
    _rule(Category.THROTTLE, "throttled throttled, temperature Temperature temperature/speed limit", _throttle),
    _rule(Category.MCE, "[Hardware Error]: EDAC Machine machine", _machine_check),
    _rule(Category.LINK, "Link link carrier", _link),
)
WORDS: frozenset[str] = frozenset().union(*(rule.words for rule in RULES))
