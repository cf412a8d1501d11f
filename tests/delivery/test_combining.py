"""What waited together is one message, and says what is so now."""

from __future__ import annotations

from diagnostics.delivery import Message, Section, Severity
from diagnostics.delivery.combining import combined


def told(about: str, severity: Severity, *lines: str) -> Message:
    sign = severity.value.capitalize()
    block = Section("", lines or [f"rule of {about}"], about=about, severity=severity)
    return Message(f"{sign}: {about}", f"{sign}: {about}\nrule", f"https://x/{about}/", severity, sections=[block])


def test_what_ended_while_it_waited_is_told_as_over() -> None:
    said = combined([told("a", Severity.CRITICAL), told("a", Severity.RESOLVED, "over after 5 min")])
    assert (said.subject, said.severity, said.url) == ("Resolved: a", Severity.RESOLVED, "https://x/a/")
    assert said.text == "Resolved: a\nover after 5 min"
    assert [tuple(section.lines) for section in said.sections] == [("over after 5 min",)]


def test_what_still_burns_heads_what_is_over() -> None:
    waiting = [told("a", Severity.CRITICAL), told("b", Severity.WARNING), told("a", Severity.RESOLVED)]
    said = combined([Message.from_json(one.as_json()) for one in waiting])
    assert (said.subject, said.severity) == ("Warning: b (+1)", Severity.WARNING)
    assert [section.heading for section in said.sections] == ["Warning: b", "Resolved: a"]
    assert "Critical" not in said.text


def test_one_alert_of_a_message_that_is_over_leaves_the_other() -> None:
    blocks = [
        Section(f"Critical: {name}", ["rule"], f"https://x/{name}/", name, Severity.CRITICAL) for name in ("a", "b")
    ]
    both = Message("Critical: a (and 1 more)", "both", "https://x/a/", Severity.CRITICAL, sections=blocks)
    said = combined([both, told("a", Severity.RESOLVED)])
    assert (said.subject, said.url) == ("Critical: b (+1)", "https://x/b/")
    assert [section.heading for section in said.sections] == ["Critical: b", "Resolved: a"]


def test_a_message_that_is_about_nothing_keeps_every_word() -> None:
    plain = Message("Note", "by the way", severity=Severity.INFO)
    said = combined([told("a", Severity.CRITICAL), plain, told("a", Severity.RESOLVED)])
    assert said.subject == "Critical: a (+2)"
    assert "by the way" in said.text
