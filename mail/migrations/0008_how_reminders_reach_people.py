from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0007_who_wants_no_more_reminders"),
    ]

    operations = [
        migrations.RenameModel("QuietAddress", "ReminderWish"),
        migrations.RemoveConstraint("ReminderWish", "quiet_in_small_letters"),
        migrations.AddField(
            "ReminderWish",
            "how",
            models.CharField(
                max_length=5,
                choices=[("each", "Each by itself"), ("daily", "One email a day"), ("none", "None")],
                default="none",
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "ReminderWish",
            models.CheckConstraint(
                condition=models.Q(("address", Lower(models.F("address")))),
                name="reminder_wish_in_small_letters",
            ),
        ),
        migrations.AddConstraint(
            "ReminderWish",
            models.CheckConstraint(
                condition=models.Q(("how__in", ["daily", "none"])), name="each_by_itself_needs_no_wish"
            ),
        ),
    ]
