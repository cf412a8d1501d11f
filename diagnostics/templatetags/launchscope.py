"""How values are shown: one place for badges, icons, durations and clocks, so that no page words them its own way."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from django import template
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils import dateformat
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from diagnostics.charts import duration as words
from diagnostics.models import PhaseRecord, Regression
from diagnostics.records import NS_PER_SECOND, Delta
from diagnostics.stored_words import said
from diagnostics.triage import MOVES
from diagnostics.views.access import role_of

register = template.Library()
register.filter("said", said)

# value: colour, icon, words. The icon and the words carry the meaning; the colour only helps.
BADGES = {
    "success": ("green", "circle-check", gettext_lazy("ready")),
    "failed": ("red", "circle-x", gettext_lazy("failed")),
    "running": ("blue", "player-play", gettext_lazy("running")),
    "received": ("blue", "hourglass", gettext_lazy("parsing…")),
    "parsed": ("green", "circle-check", gettext_lazy("parsed")),
    "rejected": ("red", "ban", gettext_lazy("rejected")),
    "regressed": ("red", "trending-up", gettext_lazy("slower")),
    "improved": ("green", "trending-down", gettext_lazy("faster")),
    "unchanged": ("secondary", "equal", gettext_lazy("unchanged")),
    "not enough data": ("secondary", "help-circle", gettext_lazy("not enough data")),
    "appeared": ("blue", "plus", gettext_lazy("appeared")),
    "vanished": ("secondary", "circle-dashed", gettext_lazy("vanished")),
    "slower": ("red", "arrow-up", gettext_lazy("slower")),
    "faster": ("green", "arrow-down", gettext_lazy("faster")),
    "same": ("secondary", "equal", gettext_lazy("same")),
    "cold": ("azure", "snowflake", gettext_lazy("cold")),
    "warm": ("orange", "temperature", gettext_lazy("warm")),
    "hot": ("red", "flame", gettext_lazy("hot")),
    "open": ("red", "alert-triangle", gettext_lazy("open")),
    "acknowledged": ("yellow", "eye", gettext_lazy("acknowledged")),
    "resolved": ("green", "circle-check", gettext_lazy("resolved")),
    "dismissed": ("secondary", "ban", gettext_lazy("dismissed")),
    "firing": ("red", "flame", gettext_lazy("firing")),
    "warning": ("yellow", "alert-triangle", gettext_lazy("warning")),
    "critical": ("red", "alert-triangle", gettext_lazy("critical")),
    "active": ("green", "circle-check", gettext_lazy("active")),
    "revoked": ("secondary", "ban", gettext_lazy("revoked")),
    "launch": ("azure", "rocket", gettext_lazy("launch")),
    "request": ("secondary", "arrows-left-right", gettext_lazy("request")),
    "waiting": ("blue", "hourglass", gettext_lazy("waiting")),
    "sent": ("green", "circle-check", gettext_lazy("sent")),
    "dead": ("red", "circle-x", gettext_lazy("dead")),
    "disabled": ("secondary", "ban", gettext_lazy("disabled")),
}

ASCENDING = ("name", "start")  # sort keys; the others begin with the largest


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """An icon of the sprite, hidden from assistive technology: the words beside it say the same."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', _sprite(), name)


@register.simple_tag
def badge(value: str, instead: str = "") -> SafeString:
    """The badge of a status, state, verdict or start class; an unknown value is shown as it is, an empty one not."""
    if not value:
        return SafeString("")
    colour, name, meaning = BADGES.get(value, ("secondary", "circle-dashed", value))
    return format_html('<span class="badge ls-badge bg-{}-lt">{}{}</span>', colour, icon(name), instead or meaning)


@register.simple_tag
def verdict_badge(verdict: str, ratio: float | None = None) -> SafeString:
    """A verdict with how much: ``+38 % slower``; a change that proves nothing stands beside its badge, not in it."""
    if ratio is None:
        return badge(verdict)
    if verdict in ("regressed", "improved", "slower", "faster"):
        return badge(verdict, f"{percent(ratio)} {BADGES[verdict][2]}")
    return format_html('<span class="ls-change">{}</span> {}', percent(ratio), badge(verdict))


@register.filter
def duration(ns: float | None) -> str:
    """Nanoseconds in a person's units; nothing known is a dash."""
    return "–" if ns is None else words.human(round(ns))


@register.filter
def signed(ns: int | None) -> str:
    """A difference in a person's units, always with its sign."""
    return "–" if ns is None else words.signed(ns)


@register.filter
def percent(ratio: float | None) -> str:
    """A ratio as a change: 1.38 → ``+38 %``, 0.995 → ``−0.5 %``; beyond tenfold as a factor, ``× 12``."""
    if ratio is None:
        return "–"
    if ratio == float("inf"):
        return _("new")
    if ratio >= 10:
        return f"× {ratio:.0f}"
    change = (ratio - 1) * 100
    size = f"{abs(change):.1f}" if abs(change) < 10 else f"{abs(change):.0f}"
    return "±0 %" if float(size) == 0 else f"{'+' if change > 0 else '−'}{size.removesuffix('.0')} %"


@register.filter
def share(part: float | None) -> str:
    """A share 0..1 as whole percent; a share that is neither nothing nor all is never rounded to either."""
    if part is None:
        return "–"
    if 0 < part < 0.005:
        return "< 1 %"
    if 0.995 <= part < 1:
        return "> 99 %"
    return f"{part * 100:.0f} %"


@register.filter
def share_of(part: int | None, whole: int | None) -> str:
    return "–" if part is None or not whole else words.share(part, whole)


@register.filter
def chance(q: float) -> str:
    """A probability to three decimals; what would round to nothing is said to be small, not nothing."""
    return "< 0.001" if q < 0.001 else f"{q:.3f}"


@register.filter
def count(number: int) -> str:
    """A number of things, thousands set apart by a thin space as in the charts: ``100 000``."""
    return f"{number:,}".replace(",", "\u202f")


@register.filter
def clock(moment: int | datetime | None) -> SafeString:
    """A time (ns since 1970, or a datetime) in UTC, to the second, with the exact one as its title."""
    if moment is None:
        return SafeString("–")
    if isinstance(moment, datetime):
        moment = int(moment.timestamp()) * NS_PER_SECOND + moment.microsecond * 1000
    at = datetime.fromtimestamp(moment // NS_PER_SECOND, UTC)
    exact = f"{at:%Y-%m-%dT%H:%M:%S}.{moment % NS_PER_SECOND:09d}Z"
    shown = dateformat.format(at, _("j M Y H:i:s"))
    return format_html('<time datetime="{0}" title="{0}">{1}</time>', exact, shown)


@register.filter
def short_id(value: object) -> str:
    """The ends of a UUID: enough to recognise it by, and its beginning is what search takes."""
    text = str(value)
    return f"{text[:8]}…{text[-4:]}"


@register.filter
def leaf(path: str | None) -> str:
    """The last segment of a phase path, unescaped; no path is the total."""
    if path is None:
        return _("total")
    return path.rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~")


@register.filter
def ancestors(path: str | None) -> str:
    """What comes before the last segment of a phase path, for a quiet line above it."""
    parts = (path or "").split("/")[:-1]
    return " › ".join(part.replace("~1", "/").replace("~0", "~") for part in parts)


@register.simple_tag
def service_url(name: str, environment: str = "") -> str:
    return f"{reverse('service', args=[name])}?{urlencode({'environment': environment})}"


@register.simple_tag(takes_context=True)
def sort_head(context: Context, key: str, label: str, current: str, title: str = "") -> SafeString:
    """A column head that sorts by its column; the one in force says so to screen readers too."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    query["sort"] = key
    return format_html(
        '<th scope="col"{}><a class="ls-sort" href="?{}"{}>{}{}</a></th>',
        format_html(' aria-sort="{}"', "ascending" if key in ASCENDING else "descending") if key == current else "",
        query.urlencode(),
        format_html(' title="{}"', title) if title else "",
        label,
        icon("chevron-down") if key == current else "",
    )


@register.simple_tag(takes_context=True)
def role(context: Context) -> str:
    """The visitor's own role."""
    return role_of(context["user"])


@register.simple_tag
def open_regressions() -> int:
    return Regression.objects.filter(state=Regression.State.OPEN).count()


def _sprite() -> str:
    return static("vendor/tabler-icons/sprite.svg")


@register.filter
def poll_delay(asked: int | None) -> str:
    """How long to wait before asking again: 1 s at first, a minute at last."""
    return f"{min(60, 1 + int(asked or 0) ** 2 // 10)}s"


@register.filter
def depth_step(depth: int) -> int:
    """Indentation stops somewhere, or deep phases would leave no room for their names."""
    return min(depth, 12)


@register.filter
def since(time: int, origin: int) -> str:
    """A time as the distance from the start of its launch."""
    return words.human(time - origin)


@register.filter
def close_up(phase: PhaseRecord) -> str:
    """The query of its launch's page that shows this phase, chosen, on the middle third of the waterfall."""
    beside = max(phase.duration_ns, 1000)  # a phase without length has a place, too
    window = {"from": phase.start_time - beside, "to": phase.start_time + phase.duration_ns + beside}
    return urlencode({**window, "select": phase.position})


@register.filter
def plain_change(delta: Delta) -> str:
    """Which badge a difference gets where nothing is tested: only which way it went."""
    return "slower" if delta.delta > 0 else "faster" if delta.delta < 0 else "same"


@register.filter
def moves(regression: Regression) -> list[tuple[str, str]]:
    """What may be decided about a regression now without more words, as (state, words for the button)."""
    words_of = {
        "open": _("Reopen"),
        "acknowledged": _("Acknowledge"),
        "resolved": _("Resolve"),
    }
    return [(state, words_of[state]) for state in MOVES[regression.state] if state != "dismissed"]
