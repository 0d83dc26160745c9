from django.db import migrations, models


class Migration(migrations.Migration):
    """Who ever gave a company consent is read from an index, with how the engagement is paid (ENG-5)."""

    dependencies = [("claims", "0009_exports")]

    operations = [
        migrations.RemoveIndex(model_name="claim", name="customers_of_a_partner"),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("consented_at__isnull", False)),
                fields=["partner", "customer"],
                include=("engagement",),
                name="consented_customers",
            ),
        ),
    ]
