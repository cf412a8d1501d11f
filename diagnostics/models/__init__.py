"""Storage. One file per noun; the questions asked of it live in ``diagnostics.querysets``."""

from diagnostics.models.access import ApiToken, UserProfile
from diagnostics.models.alerting import (
    Alert,
    AlertChange,
    AlertNotice,
    AlertRule,
    AlertRuleChange,
    AlertWatch,
    LaunchEvaluation,
    Mute,
)
from diagnostics.models.artifact import Artifact, ArtifactContent
from diagnostics.models.catalogue import Host, Series, Service
from diagnostics.models.change_point import ChangePoint, WatchState
from diagnostics.models.channel import Channel
from diagnostics.models.delivery import Delivery
from diagnostics.models.finding import Finding
from diagnostics.models.forward import Forward, ForwardCount
from diagnostics.models.launch import Launch, LaunchFlag
from diagnostics.models.marker import Marker
from diagnostics.models.measured import Histogram, LaunchMeasured
from diagnostics.models.monitor import Check, Monitor, Outage
from diagnostics.models.policy import BaselinePolicy
from diagnostics.models.record import ArtifactPhase, EventRecord, PhaseRecord, SampleRecord
from diagnostics.models.regression import Regression, RegressionChange
from diagnostics.models.report import Report, Schedule
from diagnostics.models.trace import OtlpSpans, OtlpTrace, TraceRule

__all__ = [
    "Alert",
    "AlertChange",
    "AlertNotice",
    "AlertRule",
    "AlertRuleChange",
    "AlertWatch",
    "ApiToken",
    "Artifact",
    "ArtifactContent",
    "ArtifactPhase",
    "BaselinePolicy",
    "ChangePoint",
    "Channel",
    "Check",
    "Delivery",
    "EventRecord",
    "Finding",
    "Forward",
    "ForwardCount",
    "Histogram",
    "Host",
    "Launch",
    "LaunchEvaluation",
    "LaunchFlag",
    "LaunchMeasured",
    "Marker",
    "Monitor",
    "Mute",
    "OtlpSpans",
    "OtlpTrace",
    "Outage",
    "PhaseRecord",
    "Regression",
    "RegressionChange",
    "Report",
    "SampleRecord",
    "Schedule",
    "Series",
    "Service",
    "TraceRule",
    "UserProfile",
    "WatchState",
]
