import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

ORDER_BY_CUSTOMER = """
    UPDATE claims_claim SET sort_customer = lower(organization.name), sort_id_kind = identity.kind,
        sort_customer_id = lower(identity.value)
    FROM claims_customeridentity identity
    JOIN claims_organization organization ON organization.id = identity.organization_id
    WHERE identity.id = customer_id"""
# A location belongs to one company: without this PostgreSQL expects far too few claims, and sorts instead of walking.
LOCATION_TELLS_COMPANY = (
    "CREATE STATISTICS claims_of_companies (dependencies) ON partner_id, location_id FROM claims_claim"
)


class Migration(migrations.Migration):
    """Every order of the list of claims is an index, and each person's choice of columns is kept (CLM-1)."""

    dependencies = [
        ("claims", "0006_the_directory_asks_an_authority"),
        ("engagements", "0005_designations_and_verdicts"),
        ("incentives", "0009_staff_belong_to_no_partner"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="ShownColumns",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), size=None
                    ),
                ),
            ],
        ),
        migrations.RemoveIndex(
            model_name="claim",
            name="claims_of_a_location",
        ),
        migrations.AddField(
            model_name="claim",
            name="sort_customer",
            field=models.CharField(default="", editable=False, max_length=200),
        ),
        migrations.AddField(
            model_name="claim",
            name="sort_customer_id",
            field=models.CharField(default="", editable=False, max_length=255),
        ),
        migrations.AddField(
            model_name="claim",
            name="sort_id_kind",
            field=models.CharField(default="", editable=False, max_length=20),
        ),
        # Before the columns that rewrite the table: rows it has rewritten would all be checked against what they point to.
        migrations.RunSQL(ORDER_BY_CUSTOMER, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="claim",
            name="sort_contact",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Lower("partner_contact_name"),
                output_field=models.CharField(max_length=120),
            ),
        ),
        migrations.AddField(
            model_name="claim",
            name="sort_name",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Lower("name"),
                output_field=models.CharField(max_length=120),
            ),
        ),
        migrations.AlterField(
            model_name="claim",
            name="engagement",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claims",
                to="engagements.engagement",
            ),
        ),
        migrations.AlterField(
            model_name="claim",
            name="location",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claims",
                to="incentives.location",
            ),
        ),
        migrations.AlterField(
            model_name="claim",
            name="partner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claims",
                to="incentives.partner",
            ),
        ),
        migrations.RunSQL(LOCATION_TELLS_COMPANY, "DROP STATISTICS claims_of_companies"),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["location", "-updated_at", "-id"],
                include=("partner", "engagement", "status", "expires_at"),
                name="claims_of_a_location",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["partner", "-updated_at", "-id"],
                include=("engagement", "location", "status", "expires_at"),
                name="claims_by_update",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["partner", "id"],
                include=("engagement", "location", "status", "expires_at", "updated_at"),
                name="claims_by_number",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["partner", "sort_name", "id"],
                include=("engagement", "location", "status", "expires_at", "updated_at"),
                name="claims_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["partner", "sort_customer", "id"],
                include=("engagement", "location", "status", "expires_at", "updated_at"),
                name="claims_by_customer",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["partner", "sort_id_kind", "sort_customer_id", "id"],
                include=("engagement", "location", "status", "expires_at", "updated_at"),
                name="claims_by_customer_id",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["partner", "sort_contact", "id"],
                include=("engagement", "location", "status", "expires_at", "updated_at"),
                name="claims_by_contact",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["partner", "engagement", "-updated_at", "-id"],
                include=("location", "status", "expires_at"),
                name="claims_by_engagement",
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["partner", "status", "-updated_at", "-id"],
                include=("engagement", "location", "expires_at"),
                name="claims_by_status",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="a_claim_is_listed_by_its_customer",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    SELECT lower(organization.name), identity.kind, lower(identity.value)\n                    INTO NEW.sort_customer, NEW.sort_id_kind, NEW.sort_customer_id\n                    FROM claims_customeridentity identity\n                    JOIN claims_organization organization ON organization.id = identity.organization_id\n                    WHERE identity.id = NEW.customer_id;\n                    RETURN NEW;\n                ",
                    hash="8c83c4e9db5a104d4ea4a06fb14c1332cc0f3bf6",
                    operation='INSERT OR UPDATE OF "customer_id"',
                    pgid="pgtrigger_a_claim_is_listed_by_its_customer_07d48",
                    table="claims_claim",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="customeridentity",
            trigger=pgtrigger.compiler.Trigger(
                name="an_id_of_another_orders_its_claims",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    UPDATE claims_claim SET sort_id_kind = NEW.kind, sort_customer_id = lower(NEW.value),\n                        sort_customer = (SELECT lower(name) FROM claims_organization WHERE id = NEW.organization_id)\n                    WHERE customer_id = NEW.id;\n                    RETURN NULL;\n                ",
                    hash="62f15055a902244e8311bbd50f75f42578cef280",
                    operation='UPDATE OF "organization_id", "kind", "value"',
                    pgid="pgtrigger_an_id_of_another_orders_its_claims_b868c",
                    table="claims_customeridentity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="organization",
            trigger=pgtrigger.compiler.Trigger(
                name="a_new_name_orders_its_claims",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."name" IS DISTINCT FROM (NEW."name"))',
                    func="\n                    UPDATE claims_claim SET sort_customer = lower(NEW.name) WHERE customer_id IN\n                        (SELECT id FROM claims_customeridentity WHERE organization_id = NEW.id);\n                    RETURN NULL;\n                ",
                    hash="9e1131c297e2c425521eca1dc27b5aa26bf2b68c",
                    operation='UPDATE OF "name"',
                    pgid="pgtrigger_a_new_name_orders_its_claims_c7111",
                    table="claims_organization",
                    when="AFTER",
                ),
            ),
        ),
    ]
