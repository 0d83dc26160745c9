from datetime import UTC, datetime

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

SPECIALIZATION = "Specialization: "


def lists_become_rows(apps, schema_editor):
    """Everything that a location was said to hold, or an engagement asks for; held from today, with no end known."""
    Designation = apps.get_model("engagements", "Designation")
    Attainment = apps.get_model("engagements", "Attainment")
    Location = apps.get_model("incentives", "Location")
    held = dict(Location.objects.exclude(designations=[]).values_list("pk", "designations"))
    asked = apps.get_model("engagements", "Engagement").objects.values_list("partner_criteria_any", flat=True)
    today = datetime.now(UTC).date()
    Designation.objects.bulk_create(
        Designation(
            code=code,
            name=code.removeprefix(SPECIALIZATION),
            kind="specialization" if code.startswith(SPECIALIZATION) else "designation",
        )
        for code in sorted({code for codes in (*held.values(), *asked) for code in codes})
    )
    Attainment.objects.bulk_create(
        Attainment(location_id=location, designation_id=code, held_from=today)
        for location, codes in held.items()
        for code in sorted(set(codes))
    )


class Migration(migrations.Migration):
    dependencies = [
        ("engagements", "0001_initial"),
        ("incentives", "0002_audit"),
    ]

    operations = [
        migrations.CreateModel(
            name="Designation",
            fields=[
                ("code", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[("designation", "Designation"), ("specialization", "Specialization")],
                        max_length=20,
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "name"],
            },
        ),
        migrations.CreateModel(
            name="Evaluation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("as_of", models.DateTimeField()),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_at", models.DateTimeField(null=True)),
                ("judged", models.PositiveBigIntegerField(default=0)),
                ("changed", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Attainment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("held_from", models.DateField(verbose_name="held from")),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="expires on")),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attainments",
                        to="incentives.location",
                        verbose_name="location",
                    ),
                ),
                (
                    "designation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attainments",
                        to="engagements.designation",
                        verbose_name="designation",
                    ),
                ),
            ],
            options={
                "ordering": ["location", "designation"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("location", "designation"), name="a_designation_is_held_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_on", None), ("expires_on__gte", models.F("held_from")), _connector="OR"
                        ),
                        name="an_attainment_ends_after_it_starts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("eligible", models.BooleanField()),
                ("criteria", models.JSONField()),
                ("evaluated_at", models.DateTimeField()),
                (
                    "engagement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="verdicts",
                        to="engagements.engagement",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="verdicts",
                        to="incentives.location",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("eligible", True)),
                        fields=["engagement", "location"],
                        name="eligible_locations",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("location", "engagement"),
                        include=("eligible",),
                        name="one_verdict_on_a_location",
                    )
                ],
            },
        ),
        migrations.RunPython(lists_become_rows, migrations.RunPython.noop),
    ]
