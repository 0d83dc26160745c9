from django.db import migrations


class Migration(migrations.Migration):
    """Claim IDs are seven digits from the first claim on (domain.md 1.16)."""

    dependencies = [("claims", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "SELECT setval(pg_get_serial_sequence('claims_claim', 'id'), 3000000)",
            migrations.RunSQL.noop,
        )
    ]
