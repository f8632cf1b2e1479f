from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("media_pipeline", "0004_assets_without_info")]

    operations = [
        migrations.AlterField(
            model_name="upload",
            name="storage_id",
            field=models.CharField(blank=True, max_length=1024),
        ),
    ]
