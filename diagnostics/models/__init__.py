"""Storage. One file per noun; the questions asked of it live in ``diagnostics.querysets``."""

from diagnostics.models.access import ApiToken, UserProfile
from diagnostics.models.artifact import Artifact, ArtifactContent
from diagnostics.models.catalogue import Host, Series, Service
from diagnostics.models.finding import Finding
from diagnostics.models.launch import Launch, LaunchFlag
from diagnostics.models.policy import BaselinePolicy
from diagnostics.models.record import ArtifactPhase, EventRecord, PhaseRecord, SampleRecord
from diagnostics.models.regression import Regression, RegressionChange

__all__ = [
    "ApiToken",
    "Artifact",
    "ArtifactContent",
    "ArtifactPhase",
    "BaselinePolicy",
    "EventRecord",
    "Finding",
    "Host",
    "Launch",
    "LaunchFlag",
    "PhaseRecord",
    "Regression",
    "RegressionChange",
    "SampleRecord",
    "Series",
    "Service",
    "UserProfile",
]
