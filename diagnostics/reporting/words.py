"""The words of a report, in the language that is active: page, e-mail, plain text and chat all say it like this."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.utils.translation import pgettext_lazy as named

from diagnostics.charts.duration import human, signed
from diagnostics.records import NS_PER_SECOND
from diagnostics.reporting.content import Content, Improved, NotJudged, Part, Regressed
from diagnostics.reporting.proof import leaf

LAYERS = {
    "orchestration": named("layer", "orchestration"),
    "network": named("layer", "network"),
    "storage": named("layer", "storage"),
    "memory": named("layer", "memory"),
    "cpu": named("layer", "CPU"),
    "accelerator": named("layer", "accelerator"),
    "config": named("layer", "configuration"),
    "dependency": named("layer", "dependency"),
    "application": named("layer", "application"),
    "unknown": named("layer", "unknown"),
}
CLASSES = {
    "cold": gettext_lazy("cold"),
    "warm": gettext_lazy("warm"),
    "hot": gettext_lazy("hot"),
    "unknown": gettext_lazy("unknown"),
}
CHANGES = {
    "new": gettext_lazy("new"),
    "reopened": gettext_lazy("back again"),
    "continuing": gettext_lazy("continuing"),
    "resolved": gettext_lazy("resolved"),
    "dismissed": gettext_lazy("dismissed"),
}
WHY_NOT = {
    "not enough data": gettext_lazy("not enough launches before them to compare with"),
    "refused": gettext_lazy("their files could not be read"),
    "waiting": gettext_lazy("still waiting for a worker"),
}


def headline(content: Content) -> str:
    """The one sentence of subject lines and lists: the costliest new regression first."""
    if content.counts["new"]:
        told = ngettext(
            "%(n)d new regression: %(first)s", "%(n)d new regressions, first %(first)s", content.counts["new"]
        )
        return told % {"n": content.counts["new"], "first": change(content.new[0])}
    if not content.launches:
        return _("No launch arrived in this period") + _and(_going_on(content))
    if content.counts["continuing"]:
        return _("Nothing new got slower") + _and(_going_on(content))
    if content.counts["resolved"]:
        told = ngettext(
            "%(n)d regression is over, none is left",
            "%(n)d regressions are over, none is left",
            content.counts["resolved"],
        )
        return told % {"n": content.counts["resolved"]}
    if content.failed:
        return _("Nothing got slower, but %(failed)s") % {"failed": failed(content)}
    return _("Nothing got slower in %(launches)s") % {"launches": launches(content.launches)} + _and(_else(content))


def _else(content: Content) -> str:
    """What else went wrong where nothing got slower: a headline must not calm whoever reads no further."""
    if n := content.counts["unfinished"]:
        return ngettext("%(n)d launch never finished", "%(n)d launches never finished", n) % {"n": n}
    n = content.counts["coverage"]
    told = ngettext("phases of %(n)d service tell of less", "phases of %(n)d services tell of less", n)
    return told % {"n": n} if n else ""


def _going_on(content: Content) -> str:
    n = content.counts["continuing"]
    return ngettext("%(n)d regression continues", "%(n)d regressions continue", n) % {"n": n} if n else ""


def _and(more: str) -> str:
    return _("; %(more)s") % {"more": more} if more else ""


def change(one: Regressed) -> str:
    """``weights-load of open-autoglm · prod takes 97.3 s instead of 55.1 s (+76 %) since 1.4.2``."""
    told = {
        "phase": phase(one.phase),
        "service": service(one),
        "now": human(one.candidate_ns),
        "before": human(one.baseline_ns),
        "percent": percent(one.ratio),
        "version": one.first_version,
    }
    if one.first_version:
        return _("%(phase)s of %(service)s takes %(now)s instead of %(before)s (%(percent)s) since %(version)s") % told
    return _("%(phase)s of %(service)s takes %(now)s instead of %(before)s (%(percent)s)") % told


def improved(one: Improved) -> str:
    told = {
        "phase": phase(one.phase),
        "service": service(one),
        "now": human(one.candidate_ns),
        "before": human(one.baseline_ns),
        "percent": percent(one.ratio),
    }
    return _("%(phase)s of %(service)s takes %(now)s instead of %(before)s (%(percent)s)") % told


def phase(path: str | None) -> str:
    return _("the total") if path is None else leaf(path)


def service(one: object) -> str:
    name, environment = getattr(one, "service", ""), getattr(one, "environment", "")
    return f"{name} · {environment}" if environment else str(name)


def launches(n: int) -> str:
    return ngettext("%(n)s launch", "%(n)s launches", n) % {"n": _grouped(n)}


def _grouped(n: int) -> str:
    return f"{n:,}".replace(",", "\u202f")


def failed(content: Content) -> str:
    told = ngettext(
        "%(n)d of %(launches)s failed (%(share)s)", "%(n)d of %(launches)s failed (%(share)s)", content.failed
    )
    return told % {"n": content.failed, "launches": launches(content.launches), "share": share(content.failed_share)}


def percent(ratio: float | None) -> str:
    """1.38 → ``+38 %``; beyond tenfold as a factor; nothing before is new."""
    if ratio is None:
        return _("new")
    if ratio >= 10:
        return f"× {ratio:.0f}"
    amount = (ratio - 1) * 100
    return f"{'+' if amount >= 0 else '−'}{abs(amount):.{1 if abs(amount) < 9.95 else 0}f} %".replace(".0 %", " %")


def share(part: float) -> str:
    return "< 1 %" if 0 < part < 0.005 else "> 99 %" if 0.995 <= part < 1 else f"{part * 100:.0f} %"


def interval(one: Regressed) -> str:
    """Where the true ratio lies, as changes: ``+70 % to +81 %``."""
    return _("%(low)s to %(high)s") % {"low": percent(one.low), "high": percent(one.high)}


def grounds(one: Regressed, time_zone: str) -> str:
    """How sure its size is, and since which launch: ``interval of the ratio: +70 % to +81 % · first slower …``."""
    sure = _("interval of the ratio: %(interval)s") % {"interval": interval(one)}
    return f"{sure} · " + _("first slower launch %(at)s") % {"at": at(one.first_time, time_zone)}


def layer(name: str) -> str:
    return str(LAYERS.get(name, name))


def part(one: Part) -> str:
    if one.kind == "others":
        return ngettext("%(n)d other phase", "%(n)d other phases", one.count) % {"n": one.count}
    return _("unaccounted") if one.kind == "unaccounted" else one.label


def part_change(one: Part) -> str:
    """``+42.0 s (+39.1 s to +44.6 s)``."""
    if one.low_ns is None or one.high_ns is None:
        return signed(one.change_ns)
    ends = _("%(low)s to %(high)s") % {"low": signed(one.low_ns), "high": signed(one.high_ns)}
    return f"{signed(one.change_ns)} ({ends})"


def classes(mix: Mapping[str, int]) -> str:
    """``cold 12 · warm 3``."""
    return " · ".join(f"{CLASSES.get(name, name)} {_grouped(count)}" for name, count in mix.items()) or "–"


def why_not(one: NotJudged) -> str:
    told = str(WHY_NOT.get(one.why, one.why))
    return f"{told}: {one.text}" if one.text else told


def moment(iso: str, time_zone: str) -> str:
    """A bound of the period in the schedule's own time: ``2026-11-23 08:00``."""
    return f"{datetime.fromisoformat(iso).astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M}"


def at(time: int, time_zone: str) -> str:
    """A launch's time, ns, in the schedule's own time, as the bounds of the period are: ``2026-11-23 08:00:12``."""
    return f"{datetime.fromtimestamp(time // NS_PER_SECOND, ZoneInfo(time_zone)):%Y-%m-%d %H:%M:%S}"


def period(content: Content) -> str:
    told = {"since": moment(content.since, content.time_zone), "until": moment(content.until, content.time_zone)}
    return _("%(since)s to %(until)s") % told + f" ({content.time_zone})"


def catch_up(content: Content) -> str:
    """Why this report is late, when it is; else nothing."""
    if content.why != "catch-up":
        return ""
    if not content.missed:
        return _("Launchscope was not running when this report was due: it is sent late.")
    told = ngettext(
        "Launchscope was down: this one report also covers %(n)d report that was missed.",
        "Launchscope was down: this one report also covers %(n)d reports that were missed.",
        content.missed,
    )
    return told % {"n": content.missed}


def scope(content: Content) -> str:
    told = ngettext("%(n)d service", "%(n)d services", content.services_in_scope) % {"n": content.services_in_scope}
    labels = ", ".join(f"{key}={value}" for key, value in content.labels.items())
    return _("%(services)s, launches labelled %(labels)s") % {"services": told, "labels": labels} if labels else told
