"""Storage. One file per noun; the questions asked of it live in ``diagnostics.querysets``."""

from diagnostics.models.access import ApiToken, UserProfile
from diagnostics.models.artifact import Artifact, ArtifactContent
from diagnostics.models.catalogue import Host, Series, Service
from diagnostics.models.finding import Finding
from diagnostics.models.launch import Launch, LaunchFlag
from diagnostics.models.record import ArtifactPhase, EventRecord, PhaseRecord, SampleRecord
from diagnostics.models.regression import Regression

__all__ = [
    "ApiToken",
    "Artifact",
    "ArtifactContent",
    "ArtifactPhase",
    "EventRecord",
    "Finding",
    "Host",
    "Launch",
    "LaunchFlag",
    "PhaseRecord",
    "Regression",
    "SampleRecord",
    "Series",
    "Service",
    "UserProfile",
]
