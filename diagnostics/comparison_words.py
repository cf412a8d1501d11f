"""A comparison in one sentence, its launch-wide factor in another, and the rule behind its flags, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from diagnostics.analysis.thresholds import Least, worded
from diagnostics.charts import duration
from diagnostics.records import Comparison, Delta, LaunchFactor, Verdict

NAMED, WORTH = 3, 0.05  # parts told by name: the largest, each at least this share of the change
CHANGED = (Verdict.REGRESSED, Verdict.IMPROVED)
Counts = tuple[int, int]
_FACTOR = {
    Verdict.REGRESSED: gettext_lazy(
        "Everything was %(size)s slower together (95 %% range %(low)s to %(high)s), as on a slower or busier host."
    ),
    Verdict.IMPROVED: gettext_lazy(
        "Everything was %(size)s faster together (95 %% range %(low)s to %(high)s), as on a faster or idler host."
    ),
    Verdict.UNCHANGED: gettext_lazy("All phases together did not change (95 %% range %(low)s to %(high)s)."),
    Verdict.NOT_ENOUGH_DATA: gettext_lazy(
        "Whether all phases changed together cannot be told (95 %% range %(low)s to %(high)s)."
    ),
}


def headline(comparison: Comparison, launches: Counts, failed: Counts = (0, 0)) -> str:
    """“Candidate is 41 s slower (+12 %, 95 % range +9 % to +15 %): weights +38 s. Everything was 3 % slower …”."""
    between = ": " if comparison.total.verdict in CHANGED else _(". The largest parts: ")
    told = between.join([_change(comparison, launches), *_parts(comparison)]) + _(".")
    return " ".join([told, *_together(comparison), *_failed(launches, failed)])


def _change(comparison: Comparison, launches: Counts) -> str:
    total = comparison.total
    how = {"size": duration.human(abs(total.delta)), "range": _range(total), "least": _percent(total.least_effect)}
    if total.verdict == Verdict.REGRESSED:
        return _("Candidate is %(size)s slower (%(range)s)") % how
    if total.verdict == Verdict.IMPROVED:
        return _("Candidate is %(size)s faster (%(range)s)") % how
    if total.verdict == Verdict.UNCHANGED:
        return _unchanged(total, how)
    return _unknown(total, how, launches)


def _unchanged(total: Delta, how: dict[str, str]) -> str:
    seen = _("a change of %(least)s would have had an even chance to be seen") % how
    if not total.delta:
        return _("The total is unchanged") + (f" ({_range(total)}): {seen}" if total.least_effect else "")
    differs = _("No change of the total that is more than chance or worth a flag: %(differs)s (%(range)s)")
    return differs % (how | {"differs": duration.signed(total.delta)}) + (f"; {seen}" if total.least_effect else "")


def _unknown(total: Delta, how: dict[str, str], launches: Counts) -> str:
    if min(launches) == 1:
        way = _("slower") if total.delta > 0 else _("faster")
        one = _("one launch is no statistics")
        took = _("Candidate is %(size)s %(way)s (%(range)s)") % (how | {"way": way})
        same = _("Both took the same time")
        return f"{took if total.delta else same}; {one}"
    how |= {"before": str(launches[0]), "after": str(launches[1]), "differs": duration.signed(total.delta)}
    text = _("Cannot tell from %(before)s and %(after)s launches whether %(differs)s (%(range)s) is more than chance")
    if total.least_effect is not None:
        text += "; " + _("only a change of %(least)s would have had an even chance to be seen")
    return text % how


def _range(total: Delta) -> str:
    change = _percent(None if total.ratio is None else total.ratio - 1, signed=True)
    if total.low is None or total.high is None:
        return change
    bounds = {"low": _percent(total.low - 1, signed=True), "high": _percent(total.high - 1, signed=True)}
    return f"{change}, " + _("95 %% range %(low)s to %(high)s") % bounds


def _parts(comparison: Comparison) -> Iterator[str]:
    """The largest contributions of at least 5 % of the change; those that are flagged, where all phases moved."""
    total = comparison.total
    if total.verdict == Verdict.UNCHANGED or not total.delta:
        return
    every = [*comparison.phases, comparison.unaccounted]
    together = _moved(comparison.factor)
    worth = [one for one in every if one.verdict in CHANGED or (not together and _is_worth(one.contribution, total))]
    named = sorted((one for one in worth if one.contribution), key=lambda one: -abs(one.contribution))[:NAMED]
    told = [f"{_name(one)} {duration.signed(one.contribution)}" for one in named]
    rest = total.delta - sum(one.contribution for one in named)
    others = sum(1 for one in every if one.contribution) - len(named)
    if named and others and not together and _is_worth(rest, total):
        count = ngettext("%(count)s other part", "%(count)s other parts", others) % {"count": others}
        told.append(f"{count} {duration.signed(rest)}")
    if told:
        yield ", ".join(told)


def _is_worth(contribution: int, total: Delta) -> bool:
    return abs(contribution) >= WORTH * abs(total.delta)


def _name(delta: Delta) -> str:
    if delta.phase == "unaccounted":
        return _("unaccounted")
    return (delta.phase or "").rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def _together(comparison: Comparison) -> Iterator[str]:
    if comparison.factor and _moved(comparison.factor):
        yield factor_sentence(comparison.factor)


def _moved(factor: LaunchFactor | None) -> bool:
    return factor is not None and factor.verdict in CHANGED


def _failed(launches: Counts, failed: Counts) -> Iterator[str]:
    of = {"before": failed[0], "all_before": launches[0], "after": failed[1], "all_after": launches[1]}
    if any(failed):
        yield _("Never got ready: %(before)s of %(all_before)s before, %(after)s of %(all_after)s after.") % of


def factor_sentence(factor: LaunchFactor) -> str:
    """What all phases did together, said once."""
    how = {
        "size": _percent(abs(factor.ratio - 1)),
        "low": _percent(factor.low - 1, signed=True),
        "high": _percent(factor.high - 1, signed=True),
    }
    return _FACTOR[factor.verdict] % how


def rule(least: Least) -> str:
    """When a phase is flagged, and the thresholds of the service that make exceptions."""
    told = _(
        "Flagged: q below 0.05, and a change of more than %(floors)s, also without what all phases changed by together."
    )
    own = [_threshold(one.phase, worded(one.floors(least.general)), one.ignore) for one in least.thresholds]
    return " ".join([told % {"floors": worded(least.general)}, *_exceptions(own)])


def _exceptions(own: Sequence[str]) -> Iterator[str]:
    if own:
        yield _("Thresholds of the service: %(list)s.") % {"list": "; ".join(own)}


def _threshold(phase: str, floors: str, ignored: bool) -> str:
    return f"{phase}: " + (_("never flagged") if ignored else floors)


def _percent(change: float | None, signed: bool = False) -> str:
    """A change of a ratio: 0.123 is ``12 %``; beyond ninefold as a factor."""
    if change is None:
        return "–"
    if change >= 9:
        return f"× {change + 1:.0f}"
    size = abs(change) * 100
    text = f"{size:.1f}".removesuffix(".0") if size < 9.95 else f"{size:.0f}"
    sign = "" if not signed or text == "0" else "+" if change > 0 else "−"
    return f"{sign}{text} %"
