"""What happened to a session cannot be unsaid."""

from django.db import migrations

from audit.insert_only import insert_only


class Migration(migrations.Migration):
    dependencies = [("study_sessions", "0001_initial")]
    operations = [
        insert_only("study_sessions_studysessionevent"),
    ]
