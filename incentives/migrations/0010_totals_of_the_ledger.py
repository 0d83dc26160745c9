import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# Whoever books an entry meanwhile waits: the trigger before it has locked the ledger until the end of this migration.
ADD_UP = """
    INSERT INTO incentives_ledgertotal (location_id, kind, amount_usd)
    SELECT location_id, kind, sum(amount_usd) FROM incentives_ledgerentry GROUP BY location_id, kind"""


class Migration(migrations.Migration):
    """What each location earned and was paid in all is kept with the ledger, by the database (PAY-1)."""

    dependencies = [
        ("incentives", "0009_staff_belong_to_no_partner"),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="LedgerTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger_totals",
                        to="incentives.location",
                    ),
                ),
                ("kind", models.CharField(choices=[("earned", "Earned"), ("paid", "Paid")], max_length=10)),
                ("amount_usd", models.DecimalField(decimal_places=2, max_digits=18)),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerentry",
            trigger=pgtrigger.compiler.Trigger(
                name="an_entry_counts_in_its_total",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    INSERT INTO incentives_ledgertotal AS total (location_id, kind, amount_usd)\n                    SELECT location_id, kind, sum(amount_usd) FROM booked GROUP BY location_id, kind\n                    ORDER BY location_id, kind\n                    ON CONFLICT (location_id, kind) DO UPDATE SET amount_usd = total.amount_usd + excluded.amount_usd;\n                    RETURN NULL;\n                ",
                    hash="86666a79ef622bd672458dd21a274f3643f228e1",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_an_entry_counts_in_its_total_414f3",
                    referencing="REFERENCING NEW TABLE AS booked ",
                    table="incentives_ledgerentry",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgertotal",
            constraint=models.UniqueConstraint(
                fields=("location", "kind"), name="a_location_has_each_total_once"
            ),
        ),
        migrations.RunSQL(ADD_UP, migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgertotal",
            trigger=pgtrigger.compiler.Trigger(
                name="only_an_entry_changes_a_total",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (pg_trigger_depth() = 0)",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot insert or update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c221f2c8a32fde5571d798ccf4e4717841c52225",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_only_an_entry_changes_a_total_45e5a",
                    table="incentives_ledgertotal",
                    when="BEFORE",
                ),
            ),
        ),
    ]
