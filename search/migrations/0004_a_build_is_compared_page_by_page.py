"""A build keeps how far it was compared; that one is in use is nobody's question."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0003_synonyms")]

    operations = [
        migrations.RemoveField(model_name="indexbuild", name="is_in_use"),
        migrations.AddField(model_name="indexbuild", name="compared_up_to", field=models.BigIntegerField(default=0)),
    ]
