import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0013_known_customers_along_an_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="claimevent",
            name="action",
            field=models.CharField(
                choices=[
                    ("create", "Claim creation"),
                    ("request_consent", "Request customer consent"),
                    ("give_consent", "Customer consent approved"),
                    ("decline_consent", "Customer consent declined"),
                    ("edit_contacts", "Contact edit"),
                    ("add_document", "Document submission"),
                    ("remove_document", "Document removal"),
                    ("send_customer_survey", "Send customer survey"),
                    ("send_partner_survey", "Send partner survey"),
                    ("queue_send", "Email queued"),
                    ("take_back_send", "Queued email taken back"),
                    ("give_up_send", "Queued email not sent"),
                    ("complete_customer_survey", "Customer survey completed"),
                    ("complete_partner_survey", "Partner survey completed"),
                    ("submit", "Submission"),
                    ("start_review", "Set under review"),
                    ("request_action", "Set partner action required"),
                    ("approve", "Approval"),
                    ("reject", "Rejection"),
                    ("reject_finally", "Final rejection"),
                    ("dispute", "Dispute"),
                    ("cancel", "Cancellation"),
                    ("expire", "Expiration"),
                    ("yield_to_rival", "Final rejection by the system"),
                ],
                max_length=30,
            ),
        ),
        migrations.CreateModel(
            name="QueuedSend",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("consent_request", "Consent email"),
                            ("customer_survey", "Customer survey email"),
                            ("partner_survey", "Partner survey email"),
                        ],
                        max_length=20,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("send_at", models.DateTimeField(db_index=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="queued_sends",
                        to="claims.claim",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("claim", "kind"), name="one_queued_send_per_claim_and_kind"
                    )
                ],
            },
        ),
    ]
