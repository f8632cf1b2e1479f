from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


def as_asked(apps: Any, schema_editor: Any) -> None:
    """Work that is there already comes in the order it was asked for."""
    apps.get_model("jobs", "Job").objects.update(rank=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField("job", "rank", models.DateTimeField(null=True)),
        migrations.RunPython(as_asked, migrations.RunPython.noop),
        migrations.AlterField("job", "rank", models.DateTimeField()),
        migrations.AddField("job", "room", models.BigIntegerField(default=0)),
        migrations.AddField("job", "waits", models.CharField(blank=True, max_length=64)),
        migrations.AddField("worker", "facts", models.JSONField(default=dict)),
        migrations.AlterField("job", "subject", models.CharField(db_index=True, max_length=64)),
        migrations.AddIndex(
            "job", models.Index(condition=Q(state="queued"), fields=["queue", "rank"], name="job_next")
        ),
    ]
