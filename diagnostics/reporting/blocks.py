"""A report as short blocks of lines: the sections of a chat message, and with the pictures in letters, plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from diagnostics.agent.tables import pad, width
from diagnostics.charts.duration import human, signed
from diagnostics.reporting import words
from diagnostics.reporting.content import Content, Detail, Regressed, Row, Waterfall
from diagnostics.reporting.proof import leaf

LINES = 12  # of a list in a block
MOST_BLOCKS = 43  # Slack takes 50 a message
BAR = 40  # letters of a plain-text waterfall
LABEL = 26  # columns before it


@dataclass(frozen=True, slots=True)
class Block:
    """``drawn`` is what only a fixed-width font can show."""

    heading: str
    lines: Sequence[str] = ()
    url: str = ""
    drawn: Sequence[str] = ()


def blocks(content: Content, site: str) -> list[Block]:
    """The most important first; ``site`` is put before each address, nothing is linked without it."""
    told = [*_regressions(content, site), *_lists(content)]
    return told[:MOST_BLOCKS]


def plain_text(content: Content, url: str, site: str) -> str:
    """The whole report for a reader without HTML."""
    lines = [content.headline, "=" * min(78, len(content.headline)), *top_lines(content), ""]
    for block in blocks(content, site):
        lines += [block.heading, "-" * min(78, len(block.heading)), *block.lines, *block.drawn]
        lines += [block.url] if block.url else []
        lines.append("")
    if not content.launches:
        lines += [_("No launch arrived in this period."), ""]
    lines += [_("The whole report: %(url)s") % {"url": url}] if url else []
    return "\n".join(lines).rstrip() + "\n"


def summary(content: Content) -> Block:
    """What a chat message begins with."""
    return Block(content.headline, top_lines(content))


def top_lines(content: Content) -> list[str]:
    lines = [f"{content.name}: {words.period(content)}" if content.name else words.period(content)]
    if late := words.catch_up(content):
        lines.append(late)
    lines.append(words.scope(content))
    if content.launches:
        lines.append(f"{words.launches(content.launches)}: {words.classes(content.classes)}")
        lines.append(words.failed(content))
    return lines


def _regressions(content: Content, site: str) -> Iterator[Block]:
    for one in content.new:
        heading = _("Slower again") if one.change == "reopened" else _("New regression")
        yield _regression(heading, one, site, content.time_zone)
    if more := content.counts["new"] - len(content.new):
        yield Block(_("%(n)d more new regressions are not listed") % {"n": more})
    for one in content.continuing:
        if one.detail:
            yield _regression(_("Continuing"), one, site, content.time_zone)
    if content.continuing:
        going_on = [_stood(one, content) for one in content.continuing]
        yield Block(_heading(_("Continuing regressions"), content, "continuing"), _some(going_on))
    if content.resolved:
        over = [f"{words.CHANGES[one.change]}: {_stood(one, content)}" for one in content.resolved]
        yield Block(_heading(_("Over"), content, "resolved"), _some(over))
    if content.improvements:
        yield Block(_heading(_("Faster"), content, "improvements"), _some(map(words.improved, content.improvements)))


def _stood(one: Regressed, content: Content) -> str:
    """A regression in one line."""
    layer = " · " + _("layer: %(layer)s") % {"layer": words.layer(one.layer)} if one.layer else ""
    return f"{words.change(one)} · {words.grounds(one, content.time_zone)}{layer}"


def _regression(heading: str, one: Regressed, site: str, zone: str) -> Block:
    lines = [words.change(one), words.grounds(one, zone)]
    if one.marker:
        lines.append(_("after %(deploy)s") % {"deploy": one.marker})
    drawn: list[str] = []
    if one.detail:
        lines += _proof(one.detail)
        drawn = letters(one.detail.waterfall) if one.detail.waterfall else []
    elif one.layer:
        lines.append(_("layer: %(layer)s") % {"layer": words.layer(one.layer)})
    url = f"{site}/regressions/{one.id}/" if site else ""
    return Block(f"{heading}: {words.phase(one.phase)}, {words.service(one)}", lines, url, drawn)


def _proof(detail: Detail) -> list[str]:
    lines = []
    if detail.parts:
        parts = "; ".join(f"{words.part(one)} {words.part_change(one)}" for one in detail.parts)
        told = {"delta": signed(detail.delta_ns), "parts": parts}
        lines.append(_("the launch takes %(delta)s: %(parts)s") % told)
    if detail.finding:
        told = {"layer": words.layer(detail.finding.layer), "text": detail.finding.text}
        lines.append(_("layer %(layer)s: %(text)s") % told)
        lines += [_("advice: %(advice)s") % {"advice": detail.finding.advice}] if detail.finding.advice else []
    return lines


def _lists(content: Content) -> Iterator[Block]:
    if content.hosts:
        told = [
            _("%(host)s: %(now)s, other hosts %(others)s (%(percent)s), %(service)s")
            % {
                "host": one.host,
                "now": human(one.median_ns),
                "others": human(one.others_ns),
                "percent": words.percent(one.ratio),
                "service": words.service(one),
            }
            for one in content.hosts
        ]
        yield Block(_heading(_("Slowest hosts"), content, "hosts"), _some(told))
    if content.coverage:
        drops = [
            f"{words.service(one)}: {words.share(one.before)} → {words.share(one.now)}" for one in content.coverage
        ]
        yield Block(_heading(_("Phases tell of less of the launch"), content, "coverage"), _some(drops))
    if content.unfinished:
        ends = [
            " ".join(filter(None, [words.service(one), one.version, one.host, leaf(one.last_phase), f"({one.launch})"]))
            for one in content.unfinished
        ]
        yield Block(_heading(_("Never finished"), content, "unfinished"), _some(ends))
    if content.not_judged:
        told = [
            f"{words.service(one)}: {words.launches(one.launches)}, {words.why_not(one)}" for one in content.not_judged
        ]
        yield Block(_heading(_("Not judged"), content, "not_judged"), _some(told))
    if content.services:
        yield Block(_heading(_("Services"), content, "services"), _some(map(_service, content.services)))


def _service(one: object) -> str:
    launches, median = getattr(one, "launches", 0), getattr(one, "median_ns", None)
    told = f"{words.service(one)}: {words.launches(launches)}, {words.classes(getattr(one, 'classes', {}))}"
    return told + (_(", median %(median)s") % {"median": human(median)} if median is not None else "")


def _heading(title: str, content: Content, name: str) -> str:
    return f"{title} ({content.counts[name]})"


def _some(lines: object) -> list[str]:
    told = list(lines)  # type: ignore[call-overload]
    rest = len(told) - LINES
    return [*told[:LINES], *([_("… and %(n)d more") % {"n": rest}] if rest > 0 else [])]


def letters(waterfall: Waterfall) -> list[str]:
    """The waterfall in letters: ``░`` the baseline, ``█`` the candidate below it."""
    span = waterfall.span_ns
    lines = ["", _("░ baseline, █ candidate; %(span)s in all") % {"span": human(span)}]
    return [*lines, *(line for row in waterfall.rows for line in _letters(row, span))]


def _letters(row: Row, span: int) -> Iterator[str]:
    label = _fitted(f"{'  ' * row.depth}{row.label}", LABEL)
    for side, letter in ((row.baseline, "░"), (row.candidate, "█")):
        if side:
            start = min(BAR - 1, max(0, side[0] * BAR // span))
            length = min(BAR - start, max(1, side[1] * BAR // span))
            yield f"{label} |{' ' * start}{letter * length}{' ' * (BAR - start - length)}| {human(side[1])}"
            label = " " * LABEL


def _fitted(label: str, columns: int) -> str:
    """Just so wide in a fixed-width font, where Chinese characters take two columns."""
    shown = ""
    for character in label:
        if width(shown + character) > columns:
            break
        shown += character
    return pad(shown, columns)
