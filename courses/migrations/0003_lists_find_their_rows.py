from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("courses", "0002_insert_only")]

    operations = [
        migrations.AddIndex(
            model_name="lecture",
            index=models.Index(condition=models.Q(is_pick=True), fields=["-published_at"], name="lecture_picked"),
        ),
        migrations.AddIndex(
            model_name="lecture",
            index=models.Index(
                condition=models.Q(state="published"),
                fields=["visibility", "-published_at"],
                name="lecture_newest_for",
            ),
        ),
    ]
