# ruff: noqa: F401, F811 (pytest's fixtures, of another part's tests)
"""Pages of alerts, rules and mutes: what they show, who may decide, and what a wrong form says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from diagnostics.alerting import KINDS, evaluate
from diagnostics.models import Alert, AlertRule, AlertRuleChange, Channel, Delivery, Mute, Service
from tests.alerting.conftest import channel, rule, service
from tests.alerting.launches import launched, usual

MakeRule = Any


def slow(rule: MakeRule, service: Service, **more: Any) -> Alert:
    rule("launch-limit", settings={"limit_s": 5}, **more)
    evaluate(launched(service, 9).pk)
    return Alert.objects.get()


@pytest.fixture
def alert(rule: MakeRule, service: Service) -> Alert:
    return slow(rule, service)


def text(client: Client, name: str, *args: Any, query: str = "") -> str:
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_nothing_fired_yet(viewer: Client) -> None:
    assert "Nothing has fired yet" in text(viewer, "alerts")
    assert "Nothing is muted" in text(viewer, "mutes")


def test_the_list_names_the_rule_and_the_top_bar_counts(viewer: Client, alert: Alert) -> None:
    page = text(viewer, "alerts")
    assert "The launch took 9.0 s, more than 5.0 s" in page
    assert "the launch takes more than 5 s" in page
    assert "firing: </span>1</span>" in page
    assert reverse("alert_rule", args=[alert.rule_id]) in page
    assert ">Acknowledge<" not in page


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("?state=firing", True),
        ("?state=resolved", False),
        ("?state=nonsense", True),
        ("?severity=critical", False),
        ("?service=open-autoglm", True),
        ("?service=other", False),
        ("?rule=999999999999999999999999", False),
        ("?page=999", True),
    ],
)
def test_filters(viewer: Client, alert: Alert, query: str, there: bool) -> None:
    assert ("The launch took" in text(viewer, "alerts", query=query)) is there


def test_firing_comes_first(viewer: Client, rule: MakeRule, service: Service) -> None:
    slow(rule, service)
    evaluate(launched(service, 1).pk)
    rule("launch-limit", settings={"limit_s": 8}, name="second")
    evaluate(launched(service, 7).pk)
    page = text(viewer, "alerts", query="?state=all")
    assert page.index("firing") < page.rindex("resolved")


def test_the_page_of_one(viewer: Client, alert: Alert) -> None:
    page = text(viewer, "alert", alert.pk)
    for words in ("limit", "5.0 s", "See the proof", "not told: no channel", "launchscope"):
        assert words in page
    assert viewer.post(reverse("alert", args=[alert.pk]), {"state": "resolved"}).status_code == 403


def test_an_editor_decides(editor: Client, alert: Alert) -> None:
    address = reverse("alert", args=[alert.pk])
    assert editor.post(address, {"state": "acknowledged", "text": "on it", "back": ""}).status_code == 302
    assert Alert.objects.get().state == "acknowledged"
    editor.post(address, {"state": "resolved"})
    change = Alert.objects.get().changes.last()
    assert change
    assert (change.actor, change.to_state) == ("editor", "resolved")
    assert "what is over stays over" in editor.post(address, {"state": "firing"}, follow=True).content.decode()
    # It goes on, and yet it is not a new beginning.
    evaluate(launched(alert.service, 9).pk)
    assert Alert.objects.count() == 1


def test_the_end_by_hand_is_told(editor: Client, rule: MakeRule, service: Service, channel: Channel) -> None:
    alert = slow(rule, service)
    editor.post(reverse("alert", args=[alert.pk]), {"state": "resolved"})
    assert [one.subject.partition(":")[0] for one in Delivery.objects.order_by("pk")] == ["Warning", "Resolved"]
    assert "Resolved by editor" in Delivery.objects.latest("pk").message["text"]


def test_muting_from_the_page(editor: Client, alert: Alert) -> None:
    address = reverse("mute_alert", args=[alert.pk])
    editor.post(address, {"hours": "4", "reason": ""})
    assert not Mute.objects.exists()
    editor.post(address, {"hours": "4", "reason": "deploying"})
    mute = Mute.objects.get()
    assert (mute.subject_key, mute.actor, mute.fits(alert)) == ("launch-total", "editor", True)
    assert "Muted by editor: deploying" in text(editor, "alert", alert.pk)
    assert "muted" in text(editor, "alerts")
    assert "deploying" in text(editor, "mutes")
    editor.post(reverse("unmute", args=[mute.pk]))
    assert Mute.objects.get().until <= timezone.now()


def test_muting_everything_of_a_service(editor: Client, service: Service) -> None:
    editor.post(reverse("mutes"), {"service": service.pk, "hours": "24", "reason": "moving house"})
    assert Mute.objects.get().service == service
    answer = editor.post(reverse("mutes"), {"hours": "24", "reason": ""})
    assert answer.status_code == 400


def test_the_rules_of_a_new_installation(viewer: Client) -> None:
    page = text(viewer, "alert_rules")
    assert "a monitor’s latency" in page or "latency is over 1 s for 30 s" in page
    assert "never fired" in page
    assert "New rule" not in page


def test_unused_rules_say_why(viewer: Client, rule: MakeRule, service: Service) -> None:
    rule("launch-limit", phase="no-such-phase", environment="nowhere")
    page = text(viewer, "alert_rules")
    for why in ("No service fits it", "No phase fits “no-such-phase”", "It has not fired for 90 days"):
        assert why in page


@pytest.mark.parametrize("key", list(KINDS))
def test_a_rule_of_each_kind_is_made_by_its_form(editor: Client, rule: MakeRule, key: str) -> None:
    address = reverse("new_alert_rule") + f"?kind={key}"
    form = editor.get(address).context["form"]
    given = {field.html_name: field.value() for field in form if field.value() not in (None, [], False)}
    answer = editor.post(address, given)
    assert answer.status_code == 302, answer.context["form"].errors
    made = AlertRule.objects.get()
    assert made.kind == key
    assert made.settings == {one.name: one.default for one in KINDS[key].settings}
    assert made.every_channel
    assert text(editor, "alert_rule", made.pk)


def given(**more: Any) -> dict[str, Any]:
    plain = {"name": "slow", "severity": "warning", "for_times": "1", "resolve_after": "1", "quiet_zone": "UTC"}
    return {**plain, "setting_limit_s": "2 m", "enabled": "on", "every_channel": "on", **more}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": ""}, "This field is required"),
        ({"setting_limit_s": "soon"}, "Write a time as 30 s, 5 m, 2 h or 2 d"),
        ({"setting_limit_s": "0"}, "From 0.001 to 604800, please"),
        ({"for_times": "0"}, "greater than or equal to 1"),
        ({"for_times": "1000"}, "From 1 to 100, please"),
        ({"quiet_from": "22:00"}, "Quiet hours need a beginning and an end"),
        ({"quiet_zone": "Mars"}, "Select a valid choice"),
        ({"severity": "deadly"}, "Select a valid choice"),
    ],
)
def test_a_wrong_form_says_what_is_wrong(editor: Client, wrong: dict[str, str], says: str) -> None:
    before = AlertRule.objects.count()
    answer = editor.post(reverse("new_alert_rule") + "?kind=launch-limit", given(**wrong))
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert AlertRule.objects.count() == before


def test_a_changed_threshold_can_be_followed_back(editor: Client, rule: MakeRule, channel: Channel) -> None:
    own = rule("launch-limit", settings={"limit_s": 300})
    editor.post(
        reverse("alert_rule", args=[own.pk]), given(setting_limit_s="2 m", every_channel="", channels=channel.pk)
    )
    own.refresh_from_db()
    assert (own.settings, own.every_channel, list(own.channels.all())) == ({"limit_s": 120}, False, [channel])
    told = AlertRuleChange.objects.get()
    assert told.actor == "editor"
    assert "limit_s: 300 → 120" in told.text
    assert "limit_s: 300 → 120" in text(editor, "alert_rule", own.pk)


def test_trying_a_rule_tells_what_it_would_have_done(editor: Client, rule: MakeRule, service: Service) -> None:
    usual(service, 8)
    launched(service, 130, timedelta(minutes=30))
    launched(service, 131, timedelta(minutes=20))
    launched(service, 10, timedelta(minutes=10))
    launched(service, 140)
    address = reverse("new_alert_rule") + "?kind=launch-limit"
    assert 'name="try"' in editor.get(address).content.decode()
    answer = editor.post(address, given(**{"try": "1"}))
    page = answer.content.decode()
    assert "would have fired 2 times in the last 12 launches; its condition held 3 times" in page
    assert "the launch took 2 m 10.0 s, more than 2 m 0.0 s" in page
    assert not AlertRule.objects.exists()
    assert not Alert.objects.exists()


@pytest.mark.parametrize("key", ["launch-dynamic", "slo", "coverage", "regression", "heartbeat", "launch-failed"])
def test_every_kind_that_looks_at_launches_can_be_tried(
    editor: Client, rule: MakeRule, service: Service, key: str
) -> None:
    usual(service, 8)
    address = reverse("new_alert_rule") + f"?kind={key}"
    form = editor.get(address).context["form"]
    filled = {field.html_name: field.value() for field in form if field.value() not in (None, [], False)}
    assert (
        "would have fired 0 times in the last 8 launches"
        in editor.post(address, {**filled, "try": "1"}).content.decode()
    )


def test_switched_off_and_deleted_rules_end_their_alerts(editor: Client, alert: Alert) -> None:
    editor.post(reverse("switch_alert_rule", args=[alert.rule_id]), {"enabled": "0"})
    alert.refresh_from_db()
    assert alert.state == "resolved"
    editor.post(reverse("delete_alert_rule", args=[alert.rule_id]))
    alert.refresh_from_db()
    assert (alert.rule, alert.rule_name) == (None, "Launch: over a fixed limit")
    assert "deleted since" in text(editor, "alert", alert.pk)
    assert AlertRuleChange.objects.filter(text="deleted").exists()


def test_what_launches_of_the_past_cannot_tell_is_not_offered(editor: Client) -> None:
    answer = editor.get(reverse("new_alert_rule") + "?kind=monitor-latency")
    assert 'name="try"' not in answer.content.decode()


@pytest.mark.parametrize("name", ["switch_alert_rule", "delete_alert_rule", "unmute"])
def test_a_viewer_changes_nothing_and_what_is_gone_is_said(viewer: Client, editor: Client, name: str) -> None:
    address = reverse(name, args=[2**62])
    assert viewer.post(address).status_code == 403
    assert "is gone" in editor.post(address, follow=True).content.decode()
