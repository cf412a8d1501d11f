"""``systemd-analyze plot``: the SVG, whose bars are times drawn to scale, and ``--json``, which has them in µs::

    <text class="sec" x="100.000" y="-5.000" >1.0s</text>
    <rect class="activating" x="412.300" y="140.000" width="41.900" height="19.000" />
    <text class="left" x="417.300" y="154.000">inference.service (419ms)</text>

    [{"name":"inference.service","activated":4542000,"activating":4123000,"time":419000,"deactivated":…}, …]

Zero is the kernel's start; firmware and loader lie before it. Bars are exact to 10 µs.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from diagnostics.parsers.reading import Tally
from diagnostics.parsers.systemd_analyze.boot import MOST_UNITS, STAGES, Boot, Unit
from diagnostics.parsers.systemd_analyze.text import STARTUP, read
from diagnostics.parsers.systemd_analyze.timespans import duration
from diagnostics.records import NS_PER_SECOND, ParseError

_ELEMENT = re.compile(r"<rect\s+(?P<rect>[^>]*)>|<text\b(?P<text>[^>]*)>(?P<said>[^<]*)|</text>")
_ATTRIBUTE = re.compile(r'([\w-]+)\s*=\s*"([^"]*)"')
_NAMED = re.compile(r"^(?P<name>.+?)(?: \((?P<took>[^()]+)\))?$")
_SYSTEM = re.compile(r"^(?P<os>.*?) ?(?P<host>\S*) \(Linux (?P<kernel>\S+) [^)]*\)")
_LEGEND = {
    "Activating", "Active", "Deactivating", "Setting up security module", "Setting up SELinux", "Generators",
    "Loading unit files",
}  # fmt: skip
_DEFAULT_SCALE = 100.0  # pixels a second, unless --scale-svg says otherwise
_STAGE_BARS = {"firmware", "loader", "kernel", "initrd", "soft-reboot", "active"}
_LARGEST = 32 * 1_048_576

Bar = tuple[str, float, float]  # class, x, width; pixels


class _Drawing:
    """The rows of the plot: bars come before the text that names them."""

    def __init__(self) -> None:
        self.scale = _DEFAULT_SCALE
        self.rows: list[tuple[str, str | None, list[Bar]]] = []
        self.notes: list[str] = []
        self._bars: list[Bar] = []
        self._farthest = 0.0

    def rect(self, attributes: dict[str, str]) -> None:
        bar = attributes.get("class", "")
        if bar not in ("background", "box") and "x" in attributes:
            self._bars.append((bar, _pixels(attributes["x"]), _pixels(attributes.get("width", "0"))))

    def text(self, attributes: dict[str, str], said: str) -> None:
        said = html.unescape(said).strip()
        if attributes.get("class") == "sec":
            self._measure(_pixels(attributes.get("x", "0")), duration(said.lstrip("-")) or 0)
        elif attributes.get("class") in ("left", "right"):
            named = _NAMED.match(said)
            if named and self._bars and said not in _LEGEND and len(self.rows) < MOST_UNITS:
                self.rows.append((named["name"], named["took"], self._bars))
            if self._bars:
                self._bars = []
        elif said:
            self.notes.append(said)

    def _measure(self, x: float, time: int) -> None:
        # The label farthest out tells the scale best.
        if time and abs(x) > self._farthest:
            self._farthest = abs(x)
            self.scale = abs(x) * NS_PER_SECOND / time

    def time(self, pixels: float) -> int:
        """ns, to the µs: the drawing is no finer."""
        return round(pixels / self.scale * 1_000_000) * 1_000


def read_svg(lines: Iterable[str], boot: Boot, tally: Tally) -> None:
    """Fills ``boot``; lines that draw something else are read and left aside."""
    drawing = _Drawing()
    for tally.total, line in enumerate(lines, 1):
        for element in _ELEMENT.finditer(line):
            if element["rect"] is not None:
                drawing.rect(dict(_ATTRIBUTE.findall(element["rect"])))
            elif element["said"] is not None:
                drawing.text(dict(_ATTRIBUTE.findall(element["text"])), element["said"])
            # The second line of the text that holds both: "graphical.target reached after …".
        if " reached after " in line and not line.lstrip().startswith("<text"):
            drawing.notes.append(line.partition("</text>")[0])
    _describe(drawing.notes, boot)
    _place(drawing, boot)


def _describe(notes: list[str], boot: Boot) -> None:
    read(
        [line for note in notes if STARTUP.search(note) or " reached after " in note for line in note.split("\n")],
        boot,
        Tally(),
    )
    for note in notes:
        system = _SYSTEM.match(note)
        if system:
            boot.host = system["host"]
            boot.facts |= {"system": note, "kernel": system["kernel"], "host": system["host"]}


def _place(drawing: _Drawing, boot: Boot) -> None:
    userspace = 0
    for name, _, bars in drawing.rows:
        if name == "systemd" or name in STAGES or name == "soft-reboot":
            _, x, width = next((bar for bar in bars if bar[0] in _STAGE_BARS), bars[0])
            stage = "userspace" if name == "systemd" else name.replace("-", " ")
            boot.stages.setdefault(stage, drawing.time(width))
            userspace = drawing.time(x) if name == "systemd" else userspace
    for name, told, bars in drawing.rows:
        if name in ("systemd", "soft-reboot") or name in STAGES:
            continue
        activating = next((bar for bar in bars if bar[0] == "activating"), None)
        if activating is not None:
            _add(boot, name, drawing.time(activating[1]) - userspace, drawing.time(activating[2]), told)


def _add(boot: Boot, name: str, start: int, drawn: int, told: str | None) -> None:
    took = duration(told) if told else None
    if took is None and drawn and name.endswith(".service"):
        # The bar ends with the boot, and no duration is printed: it was still starting then.
        boot.units.append(Unit(name, start, drawn, attributes={"open": True}))
    elif took:
        boot.units.append(Unit(name, start, took))
    elif name.endswith(".target"):
        boot.reached.setdefault(name, start)


def read_json(content: bytes, boot: Boot, tally: Tally) -> None:
    """``plot --json`` or ``blame --json``. Raises ``ParseError`` with the place for broken JSON."""
    if len(content) > _LARGEST:
        raise ParseError(
            "This is more JSON than any boot has: send the output of `systemd-analyze plot --json=short`", "body"
        )
    try:
        rows = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ParseError(f"Not valid JSON: {error}", "body", "invalid_json") from None
    if not isinstance(rows, list):
        raise ParseError("A plot in JSON is a list of units", "$", "invalid_plot")
    tally.total = len(rows)
    boot.is_since_kernel = True
    for number, row in enumerate(rows[:MOST_UNITS], 1):
        if not (isinstance(row, dict) and _take(row, boot)):
            tally.skip(number, msgspec.json.encode(row).decode()[:200])


def _take(row: dict[str, Any], boot: Boot) -> bool:
    name = row.get("name", row.get("unit"))
    took = row.get("time")
    if not isinstance(name, str) or not isinstance(took, int):
        return False
    if "activating" not in row:
        boot.blame.append((name, took * 1000))
        return True
    start = row["activating"]
    if not isinstance(start, int):
        return False
    if took:
        boot.units.append(Unit(name, start * 1000, took * 1000))
    boot.facts["plot_rows"] = boot.facts.get("plot_rows", 0) + 1
    return True


def _pixels(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
