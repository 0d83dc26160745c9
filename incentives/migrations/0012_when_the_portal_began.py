from django.db import migrations

BEGIN = (
    "INSERT INTO incentives_tick (name, at) VALUES ('beginning', clock_timestamp()) ON CONFLICT DO NOTHING"
)


class Migration(migrations.Migration):
    dependencies = [("incentives", "0011_audit_of_the_mail_queue")]

    operations = [migrations.RunSQL(BEGIN, "DELETE FROM incentives_tick WHERE name = 'beginning'")]
