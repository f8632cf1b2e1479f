"""What happened to a lecture cannot be unsaid."""

from django.db import migrations

from audit.insert_only import insert_only


class Migration(migrations.Migration):
    dependencies = [("courses", "0001_initial")]
    operations = [
        insert_only("courses_lectureevent"),
    ]
