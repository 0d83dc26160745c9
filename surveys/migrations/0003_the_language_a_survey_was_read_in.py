from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0002_a_survey_form_is_saved_once")]

    operations = [
        migrations.AddField(
            model_name="response",
            name="language",
            field=models.CharField(
                db_default="en", default="en", help_text="In which the questions were read.", max_length=10
            ),
        ),
    ]
