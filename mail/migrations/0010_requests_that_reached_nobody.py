from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mail", "0009_a_digest_of_reminders")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("kind", "consent_request"), ("state", "failed")),
                fields=["about"],
                name="mail_lost_requests",
            ),
        ),
    ]
