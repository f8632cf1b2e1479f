"""Version 1 of the rule set: the published defaults, as the columns carry them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import migrations


def add(apps, schema_editor):
    apps.get_model("engagement", "RuleSet").objects.create(
        version=1, since=datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    )


class Migration(migrations.Migration):
    dependencies = [("engagement", "0002_insert_only")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
