"""What ``mtr`` found on the way to a host, in its three machine-made forms.

``--report`` (the destination is the last hop; ``Loss%`` may lack its sign)::

    Start: 2026-11-23T10:00:00+0000
    HOST: gpu-07                      Loss%   Snt   Last   Avg  Best  Wrst StDev
      1.|-- 192.168.1.1                0.0%    10    0.5   0.6   0.4   0.9   0.1
      2.|-- ???                       100.0    10    0.0   0.0   0.0   0.0   0.0

``--json``: ``{"report": {"mtr": {"src", "dst", "tests"}, "hubs": [{"count", "host", "Loss%", "Snt", "Avg", …}]}}``;
``--csv``: ``Mtr_Version,Start_Time,Status,Host,Hop,Ip,Asn,Loss%,Snt, ,Last,Avg,Best,Wrst,StDev,``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from diagnostics.parsers.document import read_json
from diagnostics.parsers.kubernetes.shapes import table
from diagnostics.records import ParseError

_COLUMNS = {
    "Loss%": "loss_percent",
    "Snt": "sent",
    "Last": "last_ms",
    "Avg": "avg_ms",
    "Best": "best_ms",
    "Wrst": "worst_ms",
    "StDev": "stddev_ms",
    "Drop": "dropped",
    "Rcv": "received",
    "Gmean": "gmean_ms",
    "Jttr": "jitter_ms",
    "Javg": "jitter_avg_ms",
    "Jmax": "jitter_max_ms",
    "Jint": "jitter_interarrival_ms",
}
# What --csv wrote before it had a header, with the default order of fields.
_BARE = ["Mtr_Version", "Start_Time", "Status", "Host", "Hop", "Ip", *list(_COLUMNS)[:7]]
HOST = re.compile(r"HOST: (?P<source>\S+)\s+(?P<columns>Loss%.*)")
_HOP = re.compile(
    r"\s*(?P<hop>\d{1,3})\.\s?(?:\|--)?\s*(?:(?P<asn>AS(?:\d+|\?+))\s+)?(?P<host>\S+(?: \([^)]*\))?)"
    r"\s+(?P<cells>[\d.]+%?\s.*)"
)
_OTHER = re.compile(r"\s*(?:\|\s+)?[`|+]+--+\s*(?P<host>\S+).*|\s{6,}(?P<more>\S+(?: \([^)]*\))?)")
START = re.compile(r"Start: (?P<start>.+)")


class Report:
    """The lines of ``--report`` as they come."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {"tool": "mtr"}
        self.hops: list[dict[str, Any]] = []
        self._columns: list[str] = []

    def read(self, line: str) -> bool:
        """Take a line; whether it is one of mtr's."""
        if start := START.fullmatch(line.strip()):
            self.facts["start"] = start["start"]
        elif host := HOST.fullmatch(line.strip()):
            self._columns = host["columns"].split()
            self.facts["source"] = host["source"]
        elif hop := _HOP.fullmatch(line):
            cells = dict(zip(self._columns, hop["cells"].split(), strict=False))
            self.hops.append(_hop(hop["hop"], hop["host"], hop["asn"], cells))
        elif self.hops and (other := _OTHER.fullmatch(line)):
            self.hops[-1].setdefault("others", []).append(other["host"] or other["more"])
        else:
            return False
        return True


def from_json(content: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Facts and hops of ``--json``. Raises ``ParseError`` for another document."""
    document = read_json(content)
    report = document.get("report") if isinstance(document, dict) else None
    if not isinstance(report, dict) or not isinstance(report.get("hubs"), list):
        raise ParseError("The document is not mtr's: it has no “report” with “hubs”", "$.report", "no_mtr")
    about = table(report.get("mtr"))
    facts = {"tool": "mtr", "source": about.get("src"), "destination": about.get("dst"), "tests": about.get("tests")}
    hubs = [hub for hub in report["hubs"] if isinstance(hub, dict)]
    hops = [
        _hop(hub.get("count", n), str(hub.get("host", "???")), hub.get("ASN"), hub) for n, hub in enumerate(hubs, 1)
    ]
    return {key: value for key, value in facts.items() if value is not None}, hops


def from_csv(lines: Iterable[str]) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    """For each line the facts of its run and its hop, ``None`` for a line that is neither hop nor header."""
    names: list[str] = []
    for line in lines:
        cells = next(csv.reader([line], delimiter=";" if line.count(";") > line.count(",") else ","), [])
        if cells[:1] == ["Mtr_Version"]:
            names = cells
            yield {}, {}
            continue
        row = dict(zip(names or _BARE, cells, strict=False))
        if not row.get("Mtr_Version", "").startswith("MTR") or not row.get("Hop", "").isdecimal():
            yield {}, None
            continue
        facts = {"tool": "mtr", "destination": row.get("Host", ""), "start": row.get("Start_Time", "")}
        # 0.85 wrote the average alone, in microseconds.
        is_short = not names and len([cell for cell in cells if cell]) == 7
        values = {"Avg": str(_number(cells[6]) / 1000)} if is_short and _number(cells[6]) is not None else row
        yield facts, _hop(row["Hop"], row.get("Ip", "???"), row.get("Asn"), values)


def _hop(number: object, host: str, asn: object, cells: Mapping[str, Any]) -> dict[str, Any]:
    name, _, ip = host.partition(" (")
    hop: dict[str, Any] = {"hop": int(str(number)) if str(number).isdecimal() else 0}
    if name not in ("???", ""):
        hop["host"] = name
    if ip or re.fullmatch(r"[\da-fA-F:]*[.:][\da-fA-F:.]*", name):
        hop["ip"] = ip.rstrip(")") or name
    if digits := re.fullmatch(r"AS(\d+)", str(asn or "").strip()):
        hop["asn"] = int(digits[1])
    for column, key in _COLUMNS.items():
        if (value := _number(cells.get(column))) is not None:
            hop[key] = int(value) if key in ("sent", "dropped", "received") else value
    # mtr writes zeros for what never answered.
    if hop.get("loss_percent") == 100 or "host" not in hop:
        hop = {key: value for key, value in hop.items() if not key.endswith("_ms")}
    return hop


def _number(value: object) -> Any:
    try:
        number = float(str(value).strip().rstrip("%"))
    except ValueError:
        return None
    return number if number - number == 0 else None
