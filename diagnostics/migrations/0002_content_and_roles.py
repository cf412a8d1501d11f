"""What Django's models cannot declare: the partitioned table of raw bytes, storage settings, and the roles."""

from __future__ import annotations

from typing import Any

from django.db import migrations

CONTENT = """
CREATE TABLE diagnostics_artifactcontent (
    day date NOT NULL,
    artifact_id uuid NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (day, artifact_id)
) PARTITION BY RANGE (day);
CREATE TABLE diagnostics_artifactcontent_default PARTITION OF diagnostics_artifactcontent DEFAULT;
"""
# The bytes come compressed: PostgreSQL need not try again.
EXTERNAL = "ALTER TABLE diagnostics_artifactcontent ALTER COLUMN data SET STORAGE EXTERNAL"
ROLES = ("viewer", "editor", "admin")


def make_roles(apps: Any, schema_editor: Any) -> None:
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.get_or_create(name=name)


def make_partitions(apps: Any, schema_editor: Any) -> None:
    from diagnostics.models.partitions import ensure_partitions

    ensure_partitions()


class Migration(migrations.Migration):
    dependencies = [("diagnostics", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        migrations.RunSQL(CONTENT, "DROP TABLE diagnostics_artifactcontent"),
        migrations.RunSQL(EXTERNAL, migrations.RunSQL.noop),
        migrations.RunPython(make_partitions, migrations.RunPython.noop),
        migrations.RunPython(make_roles, migrations.RunPython.noop),
    ]
