"""The audit trail refuses UPDATE and DELETE in the database itself."""

from django.db import migrations

from audit.insert_only import insert_only


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        insert_only("audit_auditevent"),
    ]
