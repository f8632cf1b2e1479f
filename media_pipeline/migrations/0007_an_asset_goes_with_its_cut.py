import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("media_pipeline", "0006_captions_chapters_slides_sounds")]

    operations = [
        migrations.AlterField(
            model_name="asset",
            name="cut",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="media_pipeline.cut"
            ),
        ),
    ]
