"""Sentences that were stored in English, said in the reader's language.

What judges a launch writes its reasons down once, in English, with the numbers in them; a page finds the pattern of
such a sentence again and translates that. What fits no pattern is shown as it was stored.
"""

from __future__ import annotations

import re
from functools import cache

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

PATTERNS = (
    # detection: the headline of a launch, why it is flagged, why a regression opened
    _("Failed after %(took)s"),
    _("Not ready after %(took)s"),
    _("Not enough data: %(runs)s earlier launches, %(least)s needed"),
    _("Not enough data: 1 earlier launch, %(least)s needed"),
    _("As usual: within the range of the %(runs)s launches before it"),
    _("The total took %(now)s, usually %(usual)s (%(ratio)s×), and %(more)s more"),
    _("The total took %(now)s, usually %(usual)s (%(ratio)s×)"),
    _("%(phase)s took %(now)s, usually %(usual)s (%(ratio)s×), and %(more)s more"),
    _("%(phase)s took %(now)s, usually %(usual)s (%(ratio)s×)"),
    _(
        "outside %(low)s to %(high)s, the prediction interval of %(runs)s of %(launches)s (median %(median)s), "
        "and more than %(floor)s and %(least)s from it"
    ),
    _(
        "%(seen)s of the newest %(newest)s launches lie beyond the prediction interval (%(low)s to %(high)s) "
        "of the %(runs)s launches before them; %(needed)s are needed"
    ),
    # change_watch
    _(
        "its level changed with this launch: %(before)s before (%(old)s launches), %(after)s since (%(new)s), "
        "%(ratio)s× (95 %% interval %(low)s to %(high)s); by chance p = %(p)s"
    ),
    _(
        "its level changed with this launch: %(before)s before (%(old)s runs), %(after)s since (%(new)s), "
        "%(ratio)s× (95 %% interval %(low)s to %(high)s); by chance p = %(p)s"
    ),
    # short_history
    _(
        "looking back over %(count)s launches, the level changed with this one: %(before)s before (%(old)s launches), "
        "%(after)s since (%(new)s), %(ratio)s×; by chance p = %(p)s"
    ),
    # triage: what Launchscope itself did to a regression
    _("it is %(phase)s in it: %(rule)s"),
    _("it came back: %(n)s slow launches since it was resolved"),
    _("%(n)s launches in a row took %(least)s to %(most)s, no more than %(limit)s: back at the baseline"),
    # alerting: what an alert said when it began
    _("phase %(phase)s stays slower: %(before)s → %(since)s (%(ratio)s) since %(version)s"),
    _("launches stay slower: %(before)s → %(since)s (%(ratio)s) since %(version)s"),
    _("phase %(phase)s took %(took)s, usually %(median)s; the limit is %(limit)s"),
    _("phase %(phase)s took %(took)s, more than %(limit)s"),
    _("the launch took %(took)s, usually %(median)s; the limit is %(limit)s"),
    _("the launch took %(took)s, more than %(limit)s"),
    _("the launch failed after %(took)s in phase %(phase)s"),
    _("the launch failed after %(took)s"),
    _("no launch for %(silent)s; one is expected every %(patience)s"),
    _("%(monitor)s answers in %(took)s, the limit is %(limit)s"),
    _("%(monitor)s fails: %(why)s"),
    # the sentence of a baseline
    _("%(launches)s since the new normal began"),
    _("%(launches)s with the same %(label)s"),
    _("the last %(n)s good launches of version %(version)s"),
    _("the last %(n)s good launches labelled %(label)s"),
    _("the last %(n)s good launches"),
    _("the last good launches of version %(version)s"),
    _("the last good launches labelled %(label)s"),
    _("the last good launches"),
    # diagnosis, where it found nothing
    _("No evidence uploaded for this host."),
    _("No evidence uploaded for %(host)s."),
    _("Nothing in the evidence explains its length: %(total)s; %(phase)s took most of it (%(took)s)."),
    _("Nothing in the evidence explains why the launch failed: %(total)s; %(phase)s took most of it (%(took)s)."),
    _("Nothing in the evidence explains its length: %(total)s."),
    _("Nothing in the evidence explains why the launch failed: %(total)s."),
    _("Unknown: no fact tells whether image, weights, compiled graphs or files in memory were there already."),
    # the notes of a comparison
    _("One launch on each side: no statistics."),
    _("One launch on one side: no statistics."),
    _("Too few launches for any change to be told from chance."),
    _("So many launches never got ready that no change of the others can be ruled out."),
    _("There are too few runs to tell how far they lie apart: what differs may be the day or the machine."),
    _("Varies so much that even a doubling would not have been seen in so few launches."),
    _("Has two usual lengths: look at its launches one by one before trusting one number."),
    _("Phases inside it carry its part of the critical path."),
    _("Grew off the critical path: the launch did not wait for it."),
    _("Never flagged: a threshold of the service leaves this phase out."),
    _("Flagged only beyond %(floors)s: a threshold of the service."),
    _("New: in %(after)s of %(all)s candidate launches and in no baseline launch."),
    _("Gone: in %(before)s of %(all)s baseline launches and in no candidate launch."),
    _("In %(before)s of %(all)s baseline launches and in %(after)s of %(total)s candidate launches."),
    _("Moved with the whole launch (%(shared)s), not by itself."),
    _("Differs, but by less than is worth a flag."),
    _("Its contribution is what the phases leave of the total's change: medians do not add up by themselves."),
    # why a check or a message failed
    _("The status is %(status)s, expected is %(expected)s."),
    _("Nothing in the answer matches “%(pattern)s”; it begins %(begin)s."),
    _("In the answer there is no “%(text)s”; it begins %(begin)s."),
    _("The check itself broke: %(why)s."),
    _("SECRET_KEY was changed since this monitor's headers were saved: enter them again."),
    _("The name %(host)s does not resolve: %(why)s."),
    _("No connection to %(where)s: %(why)s."),
    _("The connection broke off: %(why)s."),
    _("The certificate of %(host)s is not trusted: %(why)s."),
    _("TLS with %(host)s failed: %(why)s."),
    _("There was no complete answer within %(seconds)s s."),
    _("%(host)s does not answer in HTTP: %(why)s."),
    _("After a redirect to %(url)s: %(why)s"),
    _("%(where)s is a %(kind)s address; the operator has to list %(target)s in OUTBOUND_ALLOW first."),
    _("It answered %(status)s: %(text)s"),
    # charts.sparkline
    _("One launch: %(total)s"),
    _("Last %(n)s launches: newest %(newest)s, least %(least)s, most %(most)s"),
    # kinds of channels, roles, scopes
    _("dns"),
    _("connect"),
    _("first byte"),
    _("critical"),
    _("warning"),
    _("E-mail"),
    _("WeCom"),
    _("DingTalk"),
    _("Feishu"),
    _("Viewer"),
    _("Editor"),
    _("Admin"),
    _("ingest"),
    _("read"),
    _("admin"),
)
# The numbers behind a regression; they are translated as they are shown.
NUMBERS = (
    _("launches beyond the interval"),
    _("of the newest"),
    _("needed"),
    _("interval from"),
    _("interval to"),
    _("least change"),
    _("least difference"),
    _("p of a change this clear by chance"),
    _("launches before"),
    _("launches since"),
    _("runs before"),
    _("runs since"),
    _("failures in a row"),
    _("latency"),
)


def said(text: str) -> str:
    """A stored text in the language of now; of several sentences each that is known."""
    if not text or (get_language() or "en").startswith("en"):
        return text
    whole = _translated(text) or _translated(f"{text}.")
    if whole is not None:
        return whole if text.endswith(".") else whole.removesuffix("。")
    return " ".join(_translated(one) or one for one in re.split(r"(?<=[a-z]\.) ", text))


def _translated(text: str) -> str | None:
    for words, form in _forms():
        if match := form.fullmatch(text):
            return gettext(words) % {name: said(value) for name, value in match.groupdict().items()}
    return None


@cache
def _forms() -> list[tuple[str, re.Pattern[str]]]:
    return [(words, re.compile(_form(words), re.DOTALL)) for words in PATTERNS]


def _form(words: str) -> str:
    """Every other part of what is split at its placeholders is the name of one."""
    fixed = re.split(r"%\((\w+)\)s", words)
    parts = [f"(?P<{one}>.+?)" if number % 2 else re.escape(one.replace("%%", "%")) for number, one in enumerate(fixed)]
    return "".join(parts)
