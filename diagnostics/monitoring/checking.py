"""One check: ask, and say whether the answer is the expected one."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime

from diagnostics.models import Monitor
from diagnostics.models.sealed import Unreadable, unseal
from diagnostics.monitoring.expectations import ExpectationError, fits_body, fits_status, shown
from diagnostics.outbound import Answer, Limits, OutboundError, Resolver, Timing, request
from diagnostics.outbound.network import system_resolver

MOST_REDIRECTS = 5
MOST_BODY = 256 * 1024


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check saw. ``reason`` and ``error`` are "" if all was well; ``timing`` is None without an answer."""

    ok: bool
    total_ns: int
    status: int | None = None
    reason: str = ""
    error: str = ""
    timing: Timing | None = None
    certificate_until: datetime | None = None


def look(monitor: Monitor, resolve: Resolver = system_resolver, tls: ssl.SSLContext | None = None) -> Seen:
    """Ask once. Never raises for what it meets; touches no database, so that threads may do it.

    ``tls`` replaces the roots that certificates are held against, for those who have their own.
    """
    limits = Limits(monitor.max_time, MOST_BODY, MOST_REDIRECTS if monitor.follow_redirects else 0)
    trust = tls if tls and monitor.tls_verify else monitor.tls_verify
    try:
        headers = unseal(monitor.sealed_headers)
        answer = request(monitor.method, monitor.url, headers=headers, limits=limits, tls=trust, resolve=resolve)
    except OutboundError as error:
        return Seen(ok=False, total_ns=error.took_ns or 0, reason=error.reason, error=error.message)
    except Unreadable:
        text = "SECRET_KEY was changed since this monitor's headers were saved: enter them again."
        return Seen(ok=False, total_ns=0, reason="headers", error=text)
    return _judged(monitor, answer)


def _judged(monitor: Monitor, answer: Answer) -> Seen:
    reason, error = _wrong(monitor, answer)
    return Seen(not error, answer.timing.total_ns, answer.status, reason, error, answer.timing, answer.valid_until)


def _wrong(monitor: Monitor, answer: Answer) -> tuple[str, str]:
    """A word and a sentence for what is not as expected, both "" if all is."""
    if not fits_status(answer.status, monitor.expected_status):
        return "status", f"The status is {answer.status}, expected is {monitor.expected_status}."
    try:
        if fits_body(answer.body, monitor.expected_body, is_regex=monitor.body_is_regex):
            return "", ""
    except ExpectationError as error:
        return "body", f"{error}."
    where = f"the first {len(answer.body)} bytes of the answer" if answer.cut else "the answer"
    wanted = "Nothing in {} matches “{}”" if monitor.body_is_regex else "In {} there is no “{}”"
    return "body", f"{wanted.format(where, monitor.expected_body)}; it begins {shown(answer.body)}."
