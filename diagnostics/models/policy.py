"""What the launches of a service are held against."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from diagnostics.analysis.thresholds import Threshold
from diagnostics.models.catalogue import Service
from diagnostics.models.launch import Launch


class BaselinePolicy(models.Model):
    """A service without one is held against its last good launches, as many as BASELINE_LAUNCHES says."""

    class Choose(models.TextChoices):
        LAST_GOOD = "last_good"
        PINNED = "pinned"
        TAGGED = "tagged"

    service = models.OneToOneField(Service, on_delete=models.CASCADE, related_name="policy")
    choose = models.TextField(choices=Choose.choices, default=Choose.LAST_GOOD)
    launches = models.IntegerField(null=True)  # how many; none: BASELINE_LAUNCHES
    version = models.TextField(blank=True, default="")  # of PINNED
    label = models.TextField(blank=True, default="")  # of TAGGED: name=value
    host_class = models.TextField(blank=True, default="")  # name of a label that must be the same on both sides
    thresholds = models.JSONField(default=list)  # rows of analysis.thresholds.Threshold, the first that fits decides
    begins_at = models.BigIntegerField(null=True)  # start time (ns) of the launch that is the new normal
    begins_with = models.ForeignKey(Launch, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_by = models.TextField(blank=True, default="")
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "baseline policies"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(launches__isnull=True) | models.Q(launches__gte=3, launches__lte=500),
                name="policy_count_is_sensible",
            ),
            models.CheckConstraint(
                condition=~models.Q(choose="pinned", version="") & ~models.Q(choose="tagged", label=""),
                name="policy_names_what_it_chooses",
            ),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def tag(self) -> tuple[str, str]:
        name, _, value = self.label.partition("=")
        return name, value

    @property
    def sentence(self) -> str:
        """What the baseline is, in words: “the last good launches of version 1.4.2”."""
        chosen = {"pinned": f" of version {self.version}", "tagged": f" labelled {self.label}"}.get(self.choose, "")
        same = f" with the same {self.host_class}" if self.host_class else ""
        begins = " since the new normal began" if self.begins_at is not None else ""
        return f"the last {self.launches or ''} good launches{chosen}{same}{begins}".replace("  ", " ")

    @property
    def rules(self) -> list[Threshold]:
        return [Threshold(**row) for row in self.thresholds]
