"""What a line of ``traceroute``, ``tracepath`` or ``tracert`` says of the way to a host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_ADDRESS = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F]*:[\da-fA-F:.]*(?:%\w+)?)"
# traceroute to host (1.2.3.4), 30 hops max, 60 byte packets · traceroute6 to host (::1) from ::2, 64 hops max
_HEADER = re.compile(
    r"(?:traceroute6?|tcptraceroute) to (?P<name>\S+?),?\s+(?:\((?P<ip>[^)]+)\))?(?: from (?P<source>[^\s,]+))?,?"
    r"(?: (?:port \d+,? ?)?.*?(?P<hops>\d+) hops max)?(?:, (?P<size>\d+) byte packets?)?.*"
)
_WINDOWS = re.compile(
    r"Tracing route to (?P<name>\S+)(?: \[(?P<ip>[^\]]+)\])?(?: over a maximum of (?P<hops>\d+) hops:?)?"
)
_WINDOWS_HOPS = re.compile(r"over a maximum of (?P<hops>\d+) hops:?")
_TRACEPATH = re.compile(r"\s*(?P<hop>\d{1,3})(?P<guessed>\?)?:\s+(?P<rest>\S.*)")
_HOP = re.compile(r"\s*(?P<hop>\d{1,3})\s+(?P<rest>\S.*)")
_TOKEN = re.compile(
    r"\[(?P<asn>AS\d+(?:/AS\d+)*|\*)\]"
    r"|(?P<rtt><?\d+(?:\.\d+)?) ?ms"
    rf"|\[(?P<bracketed>{_ADDRESS})\]"
    r"|\((?P<ip>[^\s()]+)\)"
    r"|(?P<flag>!(?:[A-Z]\d*|<\d+>|\d+|(?=\s|$)))"
    r"|(?P<star>\*)(?=\s|$)"
    r"|<MPLS:(?P<mpls>[^>]*)>"
    r"|(?P<note>'-?\d+'|F=\d+|\(TOS=[^)]*\))"
    r"|(?P<word>[^\s\[\]()*<>!][^\s]*)"
)
_NOISE = re.compile(
    r"\s*$|traceroute6?: Warning: |Trace complete\.|\s+Resume: |\s+Too many hops|\s*\[?MPLS"
    r"|traceroute: (?:icmp|using)|Selected device"
)
_FAILED = re.compile(
    r"(?:\S*/)?(?:traceroute6?|tracepath6?|mtr)(?:\.exe)?: (?P<text>.+)"
    r"|(?P<words>Unable to resolve target system name .+)"
    r"|(?P<name>\S+: (?:Name or service not known|Temporary failure in name resolution|No address associated with .+))"
    r"|(?P<cannot>Cannot handle \"host\" cmdline arg .*)"
)


def header_of(line: str) -> dict[str, Any] | None:
    """Destination, address, most hops and packet size of a first line; ``None`` for another."""
    match = _HEADER.fullmatch(line.strip()) or _WINDOWS.fullmatch(line.strip()) or _WINDOWS_HOPS.fullmatch(line.strip())
    if match is None:
        return None
    parts = {key: value for key, value in match.groupdict().items() if value}
    facts: dict[str, Any] = {}
    if "name" in parts:
        facts["destination"] = parts["name"]
        ip = parts.get("ip") or (parts["name"] if re.fullmatch(_ADDRESS, parts["name"]) else "")
        facts |= {"ip": ip} if ip else {}
    facts |= {"source": parts["source"]} if "source" in parts else {}
    facts |= {"max_hops": int(parts["hops"])} if "hops" in parts else {}
    return facts | ({"packet_bytes": int(parts["size"])} if "size" in parts else {})


def failure_of(line: str) -> str:
    """The message of a run that did not begin, or ``""``."""
    match = None if _NOISE.match(line) else _FAILED.fullmatch(line.strip())
    return next(filter(None, match.groups()), "") if match else ""


def is_noise(line: str) -> bool:
    """Whether a line of these programs says nothing of the way."""
    return bool(_NOISE.match(line))


def hop_of(line: str) -> dict[str, Any] | None:
    """The hop of a line that begins with its number: ``probes`` that were answered, ``timeouts`` that were not."""
    if path := _TRACEPATH.fullmatch(line):
        hop = {"hop": int(path["hop"]), **_tracepath(path["rest"])}
        return hop | ({"guessed": True} if path["guessed"] else {})
    match = _HOP.fullmatch(line)
    if match is None:
        return None
    found = probes_of(match["rest"])
    return {"hop": int(match["hop"]), **found} if found else None


def probes_of(text: str) -> dict[str, Any] | None:
    """Probes of a line or of one that goes on; ``None`` if it has neither answers nor stars."""
    if reported := re.search(r"(\S+)\s+reports: (.+)", text):
        return {"probes": [{"ip": reported[1], "annotation": reported[2].rstrip(".")}], "timeouts": 0}
    tokens = [(str(token.lastgroup), token[str(token.lastgroup)]) for token in _TOKEN.finditer(text)]
    kinds = [kind for kind, _ in tokens]
    if "rtt" not in kinds and "star" not in kinds:
        return None
    # Windows writes the host behind its times, everybody else before them.
    last_rtt = max((n for n, kind in enumerate(kinds) if kind in ("rtt", "star")), default=0)
    is_behind = kinds[0] in ("rtt", "star") and any(kind in ("word", "bracketed") for kind in kinds[last_rtt:])
    if is_behind:
        tokens = tokens[last_rtt + 1 :] + tokens[: last_rtt + 1]
    probes = [*_probes(tokens)] if "rtt" in kinds else []
    return {"probes": probes, "timeouts": kinds.count("star")}


def _probes(tokens: list[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """One probe a time; names, addresses and numbers of networks hold for the times behind them."""
    host: dict[str, Any] = {}
    is_told = True  # the host has times already: what follows is another host, or a flag of the last time
    probe: dict[str, Any] | None = None
    for kind, value in tokens:
        if kind in ("word", "ip", "bracketed", "asn"):
            if is_told:
                host, is_told = {}, False
            _tell(host, kind, value)
        elif kind == "rtt":
            if probe is not None:
                yield probe
            probe, is_told = {**host, "rtt_ms": float(value.lstrip("<"))}, True
        elif kind == "flag" and probe is not None:
            probe["annotation"] = value
    if probe is not None:
        yield probe


def _tell(host: dict[str, Any], kind: str, value: str) -> None:
    if kind == "asn":
        if value.startswith("AS"):
            host["asn"] = int(value[2:].partition("/")[0])
    elif kind in ("ip", "bracketed"):
        # "1.2.3.4 (1.2.3.4)": a host without a name is called by its address.
        is_address = re.fullmatch(_ADDRESS, value)
        if is_address and "ip" in host:
            host |= {"name": host["ip"]}
        # Some print a name where the address belongs: "Internal (Internal)".
        host |= {"ip": value} if is_address else {"name": host.get("name", value)}
    elif re.fullmatch(_ADDRESS, value):
        host["ip"] = value
    else:
        host["name"] = value


def _tracepath(rest: str) -> dict[str, Any]:
    """``gw.local  0.512ms pmtu 1500``, ``no reply``, ``[LOCALHOST]  pmtu 1500``, ``host  12.3ms reached``."""
    found: dict[str, Any] = {"probes": [], "timeouts": int("no reply" in rest)}
    if answer := re.match(r"(\S+?)(?:\s+\(([^)]+)\))?\s+(\d+(?:\.\d+)?)ms(?:\s+(!\w))?", rest):
        name, ip, rtt, flag = answer.groups()
        is_address = re.fullmatch(_ADDRESS, name)
        host = {"ip": ip or name} if is_address else {"name": name} | ({"ip": ip} if ip else {})
        found["probes"] = [{**host, "rtt_ms": float(rtt), **({"annotation": flag} if flag else {})}]
    if mtu := re.search(r"pmtu (\d+)", rest):
        found["mtu"] = int(mtu[1])
    return found | ({"reached": True} if re.search(r"\breached\b", rest) else {})
