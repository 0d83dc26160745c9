from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incentives", "0008_locations_by_name"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("vendor_role", ""), ("partner", None), _connector="OR"),
                name="staff_belong_to_no_partner",
            ),
        ),
    ]
