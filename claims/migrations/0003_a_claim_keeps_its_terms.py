import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Requirements and hours are copied at creation, the POE template at the first submission; none changes (DL-7)."""

    dependencies = [
        ("claims", "0002_claim_ids_have_seven_digits"),
        ("engagements", "0003_templates_and_delivery_material"),
    ]

    operations = [
        migrations.AddField(
            model_name="claim",
            name="requested_hours",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="requested hours"),
        ),
        migrations.AddField(
            model_name="claim",
            name="requirements",
            field=models.JSONField(default=list),
        ),
        migrations.RunSQL(
            "UPDATE claims_claim SET requirements = engagement.requirements"
            " FROM engagements_engagement engagement WHERE engagement.id = engagement_id",
            migrations.RunSQL.noop,
        ),
        migrations.AddField(
            model_name="slot",
            name="template",
            field=models.ForeignKey(
                help_text="The version of the POE template that counts: the one in effect at the first submission.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="engagements.materialversion",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="a_claim_keeps_its_terms",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."consent_days" IS DISTINCT FROM (NEW."consent_days") OR OLD."submit_days" IS DISTINCT FROM (NEW."submit_days") OR OLD."review_days" IS DISTINCT FROM (NEW."review_days") OR OLD."dispute_days" IS DISTINCT FROM (NEW."dispute_days") OR OLD."requirements" IS DISTINCT FROM (NEW."requirements") OR OLD."requested_hours" IS DISTINCT FROM (NEW."requested_hours") OR OLD."customer_survey_required" IS DISTINCT FROM (NEW."customer_survey_required") OR OLD."partner_survey_required" IS DISTINCT FROM (NEW."partner_survey_required"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="925c874e3a8f4843a6147bcddae75a3c28af08f7",
                    operation="UPDATE",
                    pgid="pgtrigger_a_claim_keeps_its_terms_bb49f",
                    table="claims_claim",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="a_rate_stays_as_consented",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.consented_at IS NOT NULL AND (OLD.consented_at, OLD.payable_usd, OLD.market) IS DISTINCT FROM (NEW.consented_at, NEW.payable_usd, NEW.market))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="5e0a3a76bc1b5ae72a6d3565819df6f69abd0b3e",
                    operation="UPDATE",
                    pgid="pgtrigger_a_rate_stays_as_consented_47ea9",
                    table="claims_claim",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="slot",
            trigger=pgtrigger.compiler.Trigger(
                name="a_template_counts_for_good",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."template_id" IS NOT NULL AND OLD."template_id" IS DISTINCT FROM (NEW."template_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="8a44b532dc50553e5a9303895e69f080bd2900b2",
                    operation="UPDATE",
                    pgid="pgtrigger_a_template_counts_for_good_8e378",
                    table="claims_slot",
                    when="BEFORE",
                ),
            ),
        ),
    ]
