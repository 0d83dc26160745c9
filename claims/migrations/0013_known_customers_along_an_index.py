from django.db import migrations, models


class Migration(migrations.Migration):
    """Known customers are found in the order of their names, and a company's open claims of each counted, from indexes (ENG-5)."""

    dependencies = [("claims", "0012_claims_that_wait_by_deadline")]

    operations = [
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.RemoveIndex(
            model_name="claim",
            name="claims_by_customer",
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["partner", "sort_customer", "id"],
                include=(
                    "engagement",
                    "location",
                    "status",
                    "expires_at",
                    "updated_at",
                    "customer",
                    "consented_at",
                ),
                name="claims_by_customer",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "action_required",
                            "awaiting_consent",
                            "consent_received",
                            "customer_claimed",
                            "disputed",
                            "submitted",
                            "under_review",
                        ],
                    )
                ),
                fields=["partner", "counts_as"],
                include=("engagement", "expires_at"),
                name="open_claims_of_a_company",
            ),
        ),
    ]
