"""Reports as sar prints them, and what is read from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from diagnostics.parsers import Hints, Source, collect, sar
from diagnostics.records import NS_PER_SECOND, Parsed

RECEIVED = 1_795_500_000_000_000_000  # late November 2026
CPU = "        CPU     %user     %nice   %system   %iowait    %steal     %idle"
TASKS = "       proc/s   cswch/s"


def heading(date: str = "11/23/26") -> str:
    return f"Linux 6.1.0 (vm) \t{date} \t_x86_64_\t(2 CPU)\n\n"


def cpu_row(stamp: str, user: float, key: str = "all") -> str:
    return f"{stamp}    {key:>7} {user:9.2f}      0.00      0.00      0.00      0.00 {100 - user:9.2f}"


def section(header_stamp: str, rows: Sequence[tuple[str, float]], header: str = CPU) -> str:
    """A header and its rows, one value a row (``user`` or ``proc/s``)."""
    made = [cpu_row(stamp, value) if header == CPU else f"{stamp}    {value:9.2f}    310.30" for stamp, value in rows]
    return "\n".join([header_stamp + header, *made]) + "\n"


def stamp(seconds: int) -> str:
    return f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def parse(content: bytes | str, zone: tzinfo = UTC, received_at: int = RECEIVED) -> Parsed:
    content = content.encode() if isinstance(content, str) else content
    return collect(sar.parse(Source.of(content), Hints(received_at, zone=zone)))


def series(parsed: Parsed) -> dict[tuple[str, str], list[tuple[int, float]]]:
    """Readings by metric and instance."""
    return {(one.metric, one.instance): list(zip(one.times, one.values, strict=True)) for one in parsed.samples}


def times(parsed: Parsed, metric: str = "cpu.user", instance: str = "all") -> list[str]:
    """When a metric was read, as ISO stamps of UTC without the zone."""
    return [moment(time) for time, _ in series(parsed)[metric, instance]]


def values(parsed: Parsed, metric: str = "cpu.user", instance: str = "all") -> list[float]:
    return [value for _, value in series(parsed)[metric, instance]]


def moment(time: int) -> str:
    return datetime.fromtimestamp(time // NS_PER_SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S")
