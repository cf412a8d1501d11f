"""A report in the forms it is sent and read in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from diagnostics.reporting import blocks, words
from diagnostics.reporting.content import Content

COLUMNS = (
    "section", "service", "environment", "subject", "baseline_ns", "candidate_ns", "low", "high", "launches",
    "since_launch", "since_version", "layer", "text",
)  # fmt: skip


def worded(content: Content) -> Content:
    """With its headline, in its language."""
    with translation.override(content.language):
        return replace(content, headline=words.headline(content))


def html(content: Content, url: str = "") -> str:
    """A whole e-mail: tables and inline styles, no script, nothing fetched from anywhere."""
    context = {"content": content, "url": url, "site": settings.SITE_URL}
    with translation.override(content.language):
        return render_to_string("mail/report.html", context)


def text(content: Content, url: str = "") -> str:
    with translation.override(content.language):
        return blocks.plain_text(content, url, settings.SITE_URL)


def sections(content: Content) -> list[blocks.Block]:
    """For chat."""
    with translation.override(content.language):
        return [blocks.summary(content), *blocks.blocks(content, settings.SITE_URL)]


def subject(content: Content) -> str:
    """One line; what was down says so where it is read first."""
    with translation.override(content.language):
        late = translation.gettext("Catch-up report") if content.why == "catch-up" else ""
        named = " · ".join(part for part in (late, content.name) if part)
        return " ".join(f"{named or 'Launchscope'}: {content.headline}".split())[:200]


def table(content: Content) -> str:
    """CSV, one row an entry; the first column says of which list. Durations in ns."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in _rows(content):
        writer.writerow([_inert(str("" if value is None else value)) for value in row])
    return out.getvalue()


def _inert(value: str) -> str:
    """A spreadsheet takes a cell that begins like a formula for one, whoever named the phase so."""
    harmless = value[:1] not in ("=", "+", "-", "@", "\t", "\r") or (value[:1] in "+-" and value[1:2].isdigit())
    return value if harmless else f"'{value}"


def _rows(content: Content) -> Iterator[Sequence[object]]:
    for one in (*content.new, *content.continuing, *content.resolved):
        told = one.detail.finding.text if one.detail and one.detail.finding else ""
        yield (
            one.change, one.service, one.environment, one.phase or "(total)", one.baseline_ns, one.candidate_ns,
            one.low, one.high, "", one.first_launch, one.first_version, one.layer, told,
        )  # fmt: skip
    for up in content.improvements:
        yield (
            "improved", up.service, up.environment, up.phase or "(total)", up.baseline_ns, up.candidate_ns, "", "",
            up.launches, up.first_launch, up.first_version, "", "",
        )  # fmt: skip
    yield from _more_rows(content)


def _more_rows(content: Content) -> Iterator[Sequence[object]]:
    for row in content.services:
        mix = " ".join(f"{name}={count}" for name, count in row.classes.items())
        told = f"failed={row.failed} {mix}".strip()
        yield "service", row.service, row.environment, "", "", row.median_ns, "", "", row.launches, "", "", "", told
    for host in content.hosts:
        where = (host.service, host.environment, host.host, host.others_ns, host.median_ns)
        yield "host", *where, "", "", host.launches, "", "", "", host.start_class
    for drop in content.coverage:
        told = f"coverage {drop.before:.4f} -> {drop.now:.4f}"
        yield "coverage", drop.service, drop.environment, "", "", "", "", "", drop.launches, "", "", "", told
    for end in content.unfinished:
        what = (end.service, end.environment, end.last_phase, "", "", "", "", 1)
        yield "unfinished", *what, end.launch, end.version, "", end.host
    for none in content.not_judged:
        told = f"{none.why}: {none.text}" if none.text else none.why
        yield "not judged", none.service, none.environment, "", "", "", "", "", none.launches, "", "", "", told
