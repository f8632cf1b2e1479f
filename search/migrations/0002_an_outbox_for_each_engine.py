"""An outbox for each engine, and indices in the making.

What waited in the old outbox need not be kept: the index has another schema and fills itself from the rows.
"""

from __future__ import annotations

from django.db import migrations, models

KEY = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [
        migrations.DeleteModel("OutboxEntry"),
        migrations.CreateModel(
            name="OutboxEntry",
            fields=[
                ("id", KEY),
                ("engine", models.CharField(max_length=16)),
                ("kind", models.CharField(choices=[("document", "Document"), ("speech", "Speech")], max_length=8)),
                ("lecture_id", models.BigIntegerField()),
                ("stamp", models.CharField(max_length=10)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("not_before", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["engine", "not_before", "id"], name="outbox_due_of_engine")],
                "constraints": [models.UniqueConstraint(fields=("engine", "kind", "lecture_id"), name="outbox_once")],
            },
        ),
        migrations.CreateModel(
            name="IndexBuild",
            fields=[
                ("id", KEY),
                ("engine", models.CharField(max_length=16)),
                ("name", models.CharField(max_length=40, unique=True)),
                ("started_at", models.DateTimeField()),
                ("copied_up_to", models.BigIntegerField(default=0)),
                ("copied", models.PositiveIntegerField(default=0)),
                ("ended_at", models.DateTimeField(null=True)),
                ("is_in_use", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)), fields=("engine",), name="build_one_open"
                    )
                ],
            },
        ),
    ]
