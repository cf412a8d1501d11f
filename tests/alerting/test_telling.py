"""What is told where, when, in which words, and what is kept quiet."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from diagnostics.alerting import Subject, calm, fire, tell
from diagnostics.alerting.quiet import is_quiet
from diagnostics.models import Alert, AlertNotice, AlertRule, Channel, Delivery, Mute, Service
from tests.alerting.conftest import MakeRule

BEGIN = timezone.now() - timedelta(hours=1)


def at(seconds: int) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def failing(rule: AlertRule, service: Service, seconds: int = 0, key: str = "monitor:1") -> None:
    fire(rule, Subject(service, key, "health"), at(seconds), "%(n)s %% broken", "/monitors/1/", values={"n": 5})


def fine(rule: AlertRule, service: Service, seconds: int = 10, key: str = "monitor:1") -> None:
    calm(rule, Subject(service, key, "health"), at(seconds))


def subjects() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("subject", flat=True))


def test_a_change_and_its_end_are_told_once_each(
    rule: MakeRule, service: Service, channel: Channel, settings: object
) -> None:
    settings.SITE_URL = "https://launchscope.example"  # type: ignore[attr-defined]
    one = rule("monitor-failures", severity="critical")
    failing(one, service)
    failing(one, service, 5)
    fine(one, service)
    fine(one, service, 15)
    tell()
    assert subjects() == ["Critical: open-autoglm · prod: 5 % broken", "Resolved: open-autoglm · prod: 5 % broken"]
    said = Delivery.objects.order_by("pk")[0].message
    alert = Alert.objects.get()
    assert said["text"] == (
        "Critical: open-autoglm · prod: 5 % broken\n"
        f"Since {BEGIN:%Y-%m-%d %H:%M:%S} UTC.\n"
        "Rule “Monitor: failures in a row”: a monitor failed 1 times in a row "
        f"https://launchscope.example/alerts/rules/{one.pk}/\n"
        "Proof: https://launchscope.example/monitors/1/"
    )
    assert said["url"] == f"https://launchscope.example/alerts/{alert.pk}/"
    assert said["severity"] == "critical"
    over = Delivery.objects.order_by("pk")[1].message
    assert over["severity"] == "resolved"
    assert "It is over: back to normal after" in over["text"]


def test_where_it_began_it_ends(rule: MakeRule, service: Service, channel: Channel) -> None:
    """The rule's channels changed in between: who heard of it hears that it is over, and nobody else."""
    other = Channel.objects.create(name="other", kind="webhook")
    one = rule("monitor-failures", every_channel=False)
    one.channels.set([channel])
    failing(one, service)
    one.channels.set([other])
    fine(one, service)
    assert list(Delivery.objects.values_list("channel__name", flat=True)) == ["ops", "ops"]


def test_without_a_channel_it_is_only_shown(rule: MakeRule, service: Service) -> None:
    one = rule("monitor-failures")
    failing(one, service)
    fine(one, service)
    assert list(AlertNotice.objects.values_list("withheld", flat=True)) == ["no channel", "no channel"]


def test_what_goes_wrong_together_is_told_together(rule: MakeRule, service: Service, channel: Channel) -> None:
    one, two = rule("monitor-failures"), rule("monitor-latency", severity="critical", quiet_from=None)
    failing(one, service)
    failing(two, service)
    groups = set(Delivery.objects.values_list("group", flat=True))
    assert groups == {f"incident:{Alert.objects.earliest('pk').pk}"}
    failing(one, Service.objects.create(name="another"))
    assert Delivery.objects.values("group").distinct().count() == 2


def test_a_message_has_the_worst_first(rule: MakeRule, service: Service, channel: Channel) -> None:
    one, two = rule("monitor-failures"), rule("monitor-latency", severity="critical")
    Mute.objects.create(until=timezone.now() + timedelta(hours=1), reason="deploy", actor="ada")
    failing(one, service)
    failing(two, service)
    assert subjects() == []
    Mute.objects.update(until=timezone.now())
    tell()
    assert subjects() == ["Critical: open-autoglm · prod: 5 % broken (and 1 more)"]


def test_in_the_language_of_the_channel(rule: MakeRule, service: Service, channel: Channel) -> None:
    Channel.objects.create(name="群", kind="wecom", language="zh-hans")
    failing(rule("monitor-failures"), service)
    assert Delivery.objects.count() == 2
    assert len(set(Delivery.objects.values_list("once", flat=True))) == 1


def test_soon_after_a_message_there_is_no_other_of_the_same(rule: MakeRule, service: Service, channel: Channel) -> None:
    one = rule("monitor-failures", cool_down=600)
    failing(one, service)
    fine(one, service)
    failing(one, service, 20)
    fine(one, service, 30)
    assert len(subjects()) == 2
    assert Alert.objects.count() == 2
    AlertNotice.objects.filter(withheld="").update(done_at=timezone.now() - timedelta(seconds=601))
    failing(one, service, 40)
    assert len(subjects()) == 3


def test_what_outlasts_the_cool_down_is_told_when_it_is_over(
    rule: MakeRule, service: Service, channel: Channel
) -> None:
    one = rule("monitor-failures", cool_down=600)
    failing(one, service)
    fine(one, service)
    failing(one, service, 20)
    now = timezone.now()
    assert tell(now + timedelta(seconds=500)) == 0
    assert len(subjects()) == 2
    assert tell(now + timedelta(seconds=605)) == 1
    assert len(subjects()) == 3
    assert tell(now + timedelta(seconds=1300)) == 0
    # Its end is told as any other's.
    fine(one, service, 40)
    assert len(subjects()) == 4


@pytest.mark.parametrize(
    ("severity", "hold", "waits"), [("warning", False, True), ("critical", False, False), ("critical", True, True)]
)
def test_in_quiet_hours_warnings_wait(
    rule: MakeRule, service: Service, channel: Channel, severity: str, hold: bool, waits: bool
) -> None:
    now = timezone.now()
    begin, end = (now - timedelta(hours=1)).time(), (now + timedelta(hours=1)).time()
    one = rule("monitor-failures", severity=severity, quiet_from=begin, quiet_until=end, quiet_holds_critical=hold)
    failing(one, service)
    assert (subjects() == []) is waits
    tell(now + timedelta(hours=2))
    assert len(subjects()) == 1


def test_what_began_and_ended_in_quiet_hours_is_one_message(rule: MakeRule, service: Service, channel: Channel) -> None:
    now = timezone.now()
    one = rule(
        "monitor-failures", quiet_from=(now - timedelta(hours=1)).time(), quiet_until=(now + timedelta(hours=1)).time()
    )
    failing(one, service)
    fine(one, service)
    tell(now + timedelta(hours=2))
    assert subjects() == ["Resolved: open-autoglm · prod: 5 % broken"]


def test_a_mute_keeps_quiet_until_it_ends(rule: MakeRule, service: Service, channel: Channel) -> None:
    one = rule("monitor-failures")
    mute = Mute.objects.create(service=service, until=timezone.now() + timedelta(hours=1), reason="deploy", actor="ada")
    failing(one, service)
    failing(one, Service.objects.create(name="another"))
    assert subjects() == ["Warning: another: 5 % broken"]
    tell(mute.until + timedelta(seconds=1))
    assert len(subjects()) == 2


def test_what_is_over_before_the_mute_is_never_told(rule: MakeRule, service: Service, channel: Channel) -> None:
    one = rule("monitor-failures")
    Mute.objects.create(rule=one, until=timezone.now() + timedelta(hours=1), reason="deploy", actor="ada")
    failing(one, service)
    fine(one, service)
    tell(timezone.now() + timedelta(hours=2))
    assert subjects() == []
    assert list(AlertNotice.objects.values_list("withheld", flat=True)) == ["muted", "muted"]


@pytest.mark.parametrize(
    ("begin", "end", "zone", "quiet"),
    [
        (None, None, "UTC", False),
        ("22:00", "07:00", "UTC", True),
        ("07:00", "22:00", "UTC", False),
        ("22:00", "23:00", "UTC", False),
        ("07:00", "07:30", "Asia/Shanghai", True),  # 23:15 UTC is 07:15 there
        ("07:15", "07:15", "Asia/Shanghai", False),
    ],
)
def test_quiet_hours_are_those_of_a_clock(begin: str | None, end: str | None, zone: str, quiet: bool) -> None:
    now = datetime(2026, 11, 23, 23, 15, tzinfo=UTC)
    hours = [time.fromisoformat(hour) if hour else None for hour in (begin, end)]
    assert is_quiet(now, hours[0], hours[1], zone) is quiet
