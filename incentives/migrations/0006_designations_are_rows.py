from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incentives", "0005_invitations_and_sessions"),
        ("engagements", "0005_designations_and_verdicts"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="location",
            name="designations",
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("invited", "Person invited"),
                    ("invited_again", "Invitation sent again"),
                    ("withdrawn", "Invitation withdrawn"),
                    ("joined", "Invitation accepted"),
                    ("role_given", "Role assigned"),
                    ("role_taken", "Role removed"),
                    ("deactivated", "Person deactivated"),
                    ("reactivated", "Person activated again"),
                    ("password_changed", "Password changed"),
                    ("signed_out", "Signed out everywhere"),
                    ("enrolment", "Enrollment changed"),
                    ("bank", "Bank details changed"),
                    ("tax", "Tax details changed"),
                    ("attainment", "Designation changed"),
                ],
                max_length=20,
            ),
        ),
    ]
