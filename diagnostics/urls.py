"""Every page's path, one line each. A service's name may hold any character, slashes included."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.views import LogoutView
from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, path

from diagnostics.views import (
    account,
    advice,
    agent,
    artifacts,
    compare,
    evidence,
    launch,
    limits,
    monitors,
    parsers,
    people,
    policy,
    regression,
    regression_feed,
    regressions,
    reports,
    schedules,
    search,
    service,
    services,
    start_classes,
    tokens,
    what_if,
)
from diagnostics.views.access import page


def _page(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
    return path(route, page(view), name=name)


urlpatterns: list[URLPattern | URLResolver] = [
    path("agent.pyz", agent.agent_file, name="agent_file"),
    path("agent.pyz.sha256", agent.agent_digest, name="agent_digest"),
    path("login/", account.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", account.PasswordChange.as_view(), name="password_change"),
    _page("", services.services, "services"),
    _page("services/<path:name>/trend.json", service.trend, "trend"),
    _page("services/<path:name>/start-classes.json", start_classes.start_classes, "start_classes"),
    _page("services/<path:name>/baseline/", policy.policy, "policy"),
    _page("services/<path:name>/", service.service, "service"),
    _page("launches/<uuid:launch_id>/", launch.launch, "launch"),
    _page("launches/<uuid:launch_id>/phases", launch.phases, "launch_phases"),
    _page("launches/<uuid:launch_id>/state", launch.state, "launch_state"),
    _page("launches/<uuid:launch_id>/row", service.row, "launch_row"),
    _page("launches/<uuid:launch_id>/evidence.json", evidence.figure, "evidence_figure"),
    _page("launches/<uuid:launch_id>/events", evidence.events, "launch_events"),
    _page("launches/<uuid:launch_id>/advice", advice.advice, "advice"),
    _page("launches/<uuid:launch_id>/what-if", what_if.ask, "what_if"),
    _page("artifacts/<uuid:artifact_id>/", artifacts.artifact, "artifact"),
    _page("artifacts/<uuid:artifact_id>/lines/", artifacts.lines, "artifact_lines"),
    _page("artifacts/<uuid:artifact_id>/reparse", artifacts.reparse, "reparse"),
    _page("parsers/", parsers.parsers, "parsers"),
    _page("compare/", compare.compare, "compare"),
    _page("compare/figure.json", compare.figure, "compare_figure"),
    _page("regressions/", regressions.regressions, "regressions"),
    path("regressions/feed/", regression_feed.feed, name="regressions_feed"),
    _page("regressions/triage/", regressions.triage_many, "triage"),
    _page("regressions/<int:pk>/", regression.regression, "regression"),
    _page("regressions/<int:pk>/trend.json", regression.trend, "regression_trend"),
    _page("regressions/<int:pk>/new-normal", regression.new_normal, "new_normal"),
    _page("monitors/", monitors.monitors, "monitors"),
    _page("monitors/new/", monitors.new_monitor, "new_monitor"),
    _page("monitors/<int:pk>/", monitors.monitor, "monitor"),
    _page("monitors/<int:pk>/latencies.json", monitors.latencies, "latencies"),
    _page("monitors/<int:pk>/edit/", monitors.edit_monitor, "edit_monitor"),
    _page("monitors/<int:pk>/switch", monitors.switch_monitor, "switch_monitor"),
    _page("monitors/<int:pk>/delete", monitors.delete_monitor, "delete_monitor"),
    _page("monitors/<int:pk>/check", monitors.check_monitor, "check_monitor"),
    _page("reports/", reports.reports, "reports"),
    _page("reports/schedules/", schedules.schedules, "schedules"),
    _page("reports/schedules/new/", schedules.schedule, "new_schedule"),
    _page("reports/schedules/<int:pk>/", schedules.schedule, "schedule"),
    _page("reports/schedules/<int:pk>/preview/", schedules.preview, "preview_report"),
    _page("reports/schedules/<int:pk>/send", schedules.send, "send_report"),
    _page("reports/schedules/<int:pk>/switch", schedules.switch, "switch_schedule"),
    _page("reports/schedules/<int:pk>/delete", schedules.delete, "delete_schedule"),
    _page("reports/<int:pk>/", reports.report, "report"),
    _page("reports/<int:pk>/mail/", reports.mail, "report_mail"),
    _page("search", search.search, "search"),
    _page("settings/", limits.settings_home, "settings"),
    _page("settings/users/", people.people, "users"),
    _page("settings/users/<int:pk>/role", people.change_role, "change_role"),
    _page("settings/users/<int:pk>/switch", people.switch_user, "switch_user"),
    _page("settings/users/<int:pk>/password", people.new_password, "new_password"),
    _page("settings/tokens/", tokens.tokens, "tokens"),
    _page("settings/tokens/<int:pk>/revoke", tokens.revoke_token, "revoke_token"),
    _page("settings/limits/", limits.limits, "limits"),
]
