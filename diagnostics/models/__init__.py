"""Storage. One file per noun; the questions asked of it live in ``diagnostics.querysets``."""

from diagnostics.models.access import ApiToken, UserProfile
from diagnostics.models.artifact import Artifact, ArtifactContent
from diagnostics.models.catalogue import Host, Series, Service
from diagnostics.models.launch import Launch, LaunchFlag
from diagnostics.models.record import EventRecord, PhaseRecord, SampleRecord
from diagnostics.models.regression import Regression

__all__ = [
    "ApiToken",
    "Artifact",
    "ArtifactContent",
    "EventRecord",
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
