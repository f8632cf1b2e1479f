"""Synonyms, which editors keep, and how often what was searched for."""

from __future__ import annotations

from django.db import migrations, models

KEY = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
CODENAMES = ("add_synonymset", "change_synonymset", "delete_synonymset", "view_synonymset")


def allow(apps, schema_editor):
    editors, _ = apps.get_model("auth", "Group").objects.get_or_create(name="Editors")
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="search", model="synonymset"
    )
    for codename in CODENAMES:  # Django makes permissions after all migrations; here they are needed before
        name = f"Can {codename.replace('_', ' ')}"
        permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=kind, codename=codename, defaults={"name": name}
        )
        editors.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0002_an_outbox_for_each_engine"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="QueryCount",
            fields=[
                ("id", KEY),
                ("day", models.DateField()),
                ("text", models.CharField(max_length=100)),
                ("searched", models.PositiveIntegerField(default=0)),
                ("found_nothing", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("day", "text"), name="query_count_once_a_day")],
            },
        ),
        migrations.CreateModel(
            name="SynonymSet",
            fields=[
                ("id", KEY),
                (
                    "words",
                    models.TextField(
                        help_text="One a line, or with commas between. Whoever searches for one finds the others, too.",
                        max_length=1000,
                        verbose_name="words that mean the same",
                    ),
                ),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={"verbose_name": "synonyms", "verbose_name_plural": "synonyms"},
        ),
        migrations.RunPython(allow, migrations.RunPython.noop),
    ]
