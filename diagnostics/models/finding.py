"""What diagnosis says of a launch."""

from __future__ import annotations

from django.db import models

from diagnostics.models.launch import Launch


class Finding(models.Model):
    """One diagnosed reason, largest first by ``position``; judging a launch again replaces all of its findings.

    ``expected`` and ``actual`` are numbers in ``unit``, or text. Evidence is a list of ``{"artifact", "line", "time",
    "text"}``: the artifact's id, the line in it and the time in ns, each null where there is none.
    """

    launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="findings", db_index=False)
    position = models.SmallIntegerField()
    reason = models.TextField()
    layer = models.TextField()
    severity = models.TextField()
    text = models.TextField()
    phase = models.TextField(null=True)  # path of the phase it concerns; null: the launch
    expected = models.JSONField(null=True)
    actual = models.JSONField(null=True)
    unit = models.TextField(db_default="")
    confidence = models.FloatField()
    cost_ns = models.BigIntegerField(db_default=0)
    evidence_for = models.JSONField(default=list)
    evidence_against = models.JSONField(default=list)
    advice = models.TextField(db_default="")
    patch = models.TextField(db_default="")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["launch", "position"], name="finding_place"),
            models.CheckConstraint(
                condition=models.Q(confidence__gte=0) & models.Q(confidence__lte=1),
                name="finding_confidence_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} ({self.launch_id})"
