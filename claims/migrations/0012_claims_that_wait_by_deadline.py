from django.db import migrations, models


class Migration(migrations.Migration):
    """The next claims of a location to run out come from the index alone, in their order (ENG-3)."""

    dependencies = [("claims", "0011_claims_from_sheets")]

    operations = [
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.RemoveIndex(
            model_name="claim",
            name="claims_that_wait",
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
                            "rejected",
                        ],
                    )
                ),
                fields=["location", "status", "expires_at", "id"],
                name="claims_that_wait",
            ),
        ),
    ]
