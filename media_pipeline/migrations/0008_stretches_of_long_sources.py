from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("media_pipeline", "0007_an_asset_goes_with_its_cut")]

    operations = [
        migrations.CreateModel(
            name="EncodedStretch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("start_ms", models.IntegerField()),
                ("end_ms", models.IntegerField(null=True)),
                ("made", models.JSONField(default=dict)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "package",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stretches",
                        to="media_pipeline.package",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("package", "number"), name="stretch_one_number")],
            },
        ),
    ]
