import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Claims are created from uploaded sheets, and equal rows are one claim (BEY-4)."""

    dependencies = [
        ("claims", "0010_customers_of_a_partner_from_the_index_alone"),
        ("engagements", "0005_designations_and_verdicts"),
        ("incentives", "0009_staff_belong_to_no_partner"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ClaimSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=400)),
                ("name", models.CharField(max_length=200)),
                ("size", models.PositiveIntegerField()),
                ("form_key", models.UUIDField()),
                ("uploaded_at", models.DateTimeField()),
                (
                    "confirmed_at",
                    models.DateTimeField(
                        help_text="When the person said that the claims are to be created.", null=True
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("checking", "Being checked"),
                            ("checked", "Checked"),
                            ("creating", "Creating claims"),
                            ("done", "Done"),
                            ("failed", "Broken off"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                (
                    "total",
                    models.PositiveIntegerField(
                        help_text="How many rows are to be checked, or made into claims."
                    ),
                ),
                ("passed", models.PositiveIntegerField(default=0, help_text="How many of them have been.")),
            ],
            options={
                "ordering": ["-uploaded_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="SheetRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.PositiveIntegerField()),
                ("cells", models.JSONField(default=dict)),
                ("trouble", models.CharField(blank=True, max_length=400)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Not checked yet"),
                            ("ready", "Ready"),
                            ("wrong", "To mend"),
                            ("repeated", "Repeated in the sheet"),
                            ("claimed", "Already claimed"),
                            ("created", "Created"),
                            ("refused", "Refused"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("findings", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["line"],
            },
        ),
        migrations.AddField(
            model_name="claim",
            name="row_key",
            field=models.CharField(blank=True, db_default="", editable=False, max_length=64),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "action_required",
                            "approved",
                            "awaiting_consent",
                            "consent_received",
                            "customer_claimed",
                            "disputed",
                            "submitted",
                            "under_review",
                        ],
                    ),
                    models.Q(("row_key", ""), _negated=True),
                ),
                fields=("row_key",),
                name="equal_rows_of_sheets_are_one_claim",
            ),
        ),
        migrations.AddField(
            model_name="claimsheet",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="sheetrow",
            name="claim",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="claims.claim",
            ),
        ),
        migrations.AddField(
            model_name="sheetrow",
            name="sheet",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rows",
                to="claims.claimsheet",
            ),
        ),
        migrations.AddIndex(
            model_name="claimsheet",
            index=models.Index(fields=["user", "-uploaded_at", "-id"], name="sheets_of_a_person"),
        ),
        migrations.AddIndex(
            model_name="claimsheet",
            index=models.Index(
                condition=models.Q(("state__in", ("queued", "checking", "creating"))),
                fields=["id"],
                name="sheets_to_do",
            ),
        ),
        migrations.AddConstraint(
            model_name="claimsheet",
            constraint=models.UniqueConstraint(fields=("user", "form_key"), name="a_sheet_form_is_sent_once"),
        ),
        migrations.AddConstraint(
            model_name="claimsheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("creating", "done")), _negated=True),
                    ("confirmed_at__isnull", False),
                    _connector="OR",
                ),
                name="nothing_is_created_unasked",
            ),
        ),
        migrations.AddIndex(
            model_name="sheetrow",
            index=models.Index(fields=["sheet", "state", "line"], name="rows_of_a_sheet_by_state"),
        ),
        migrations.AddConstraint(
            model_name="sheetrow",
            constraint=models.UniqueConstraint(fields=("sheet", "line"), name="a_sheet_has_each_line_once"),
        ),
        migrations.AddConstraint(
            model_name="sheetrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("claim__isnull", False), ("state__in", ("claimed", "created"))),
                    models.Q(
                        models.Q(("state__in", ("claimed", "created")), _negated=True),
                        ("claim__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="a_row_has_a_claim_once_it_is_one",
            ),
        ),
    ]
