"""Beats, verdicts, visits, point events, entries, rules and decisions are insert-only."""

from django.db import migrations

from audit.insert_only import insert_only


class Migration(migrations.Migration):
    dependencies = [("engagement", "0001_initial")]
    operations = [
        insert_only("engagement_beat", may_change=("judged_at",)),
        insert_only("engagement_verdict"),
        insert_only("engagement_sharevisit"),
        insert_only("engagement_pointevent"),
        insert_only("engagement_pointentry"),
        insert_only("engagement_ruleset"),
        insert_only("engagement_featureddecision"),
    ]
