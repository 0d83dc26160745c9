import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import claims.models.export


class Migration(migrations.Migration):
    """Long lists of claims are exported in the background (CLM-2)."""

    dependencies = [
        ("claims", "0008_saved_views"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "format",
                    models.CharField(choices=[("csv", "CSV"), ("xlsx", "Excel workbook")], max_length=4),
                ),
                ("query", models.CharField(max_length=8000)),
                ("form_key", models.UUIDField()),
                ("requested_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("making", "Being made"),
                            ("done", "Ready"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                            ("expired", "Expired"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("total", models.PositiveIntegerField(default=0)),
                ("rows", models.PositiveIntegerField(default=0)),
                ("reason", models.CharField(blank=True, max_length=400)),
                (
                    "locations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        default=list,
                        help_text="The locations whose claims the file was made from.",
                        size=None,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=60)),
                ("file", models.FileField(blank=True, upload_to=claims.models.export.storage_name)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-requested_at", "-id"],
                "indexes": [
                    models.Index(fields=["user", "-requested_at", "-id"], name="exports_of_a_person"),
                    models.Index(
                        condition=models.Q(("state__in", ("queued", "making"))),
                        fields=["id"],
                        name="exports_to_do",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "form_key"), name="an_export_form_is_sent_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", "done"),
                                models.Q(("file", ""), _negated=True),
                                ("expires_at__isnull", False),
                            ),
                            models.Q(models.Q(("state", "done"), _negated=True), ("file", "")),
                            _connector="OR",
                        ),
                        name="an_export_has_a_file_while_it_is_ready",
                    ),
                ],
            },
        ),
    ]
