"""What was found in a source moves to a row of its own."""

from django.db import migrations


def move_out(apps, schema_editor):
    Asset = apps.get_model("media_pipeline", "Asset")
    Inspection = apps.get_model("media_pipeline", "Inspection")
    found = Asset.objects.exclude(info={}).values_list("pk", "info")
    for pk, info in found.iterator():
        Inspection.objects.update_or_create(asset_id=pk, defaults={"info": info})


def move_back(apps, schema_editor):
    Asset = apps.get_model("media_pipeline", "Asset")
    Inspection = apps.get_model("media_pipeline", "Inspection")
    for pk, info in Inspection.objects.values_list("pk", "info").iterator():
        Asset.objects.filter(pk=pk).update(info=info)


class Migration(migrations.Migration):
    dependencies = [("media_pipeline", "0002_packages_that_grow")]

    operations = [migrations.RunPython(move_out, move_back)]
