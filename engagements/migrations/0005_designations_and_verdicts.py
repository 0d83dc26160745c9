from datetime import UTC, datetime

import django.db.models.deletion
import django.db.models.functions.datetime
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

SPECIALIZATION = "Specialization: "


def lists_become_rows(apps, schema_editor):
    """Everything that a location was said to hold, or an engagement asks for; held from today, with no end known."""
    Designation = apps.get_model("engagements", "Designation")
    Attainment = apps.get_model("engagements", "Attainment")
    Location = apps.get_model("incentives", "Location")
    held = dict(Location.objects.exclude(designations=[]).values_list("pk", "designations"))
    asked = apps.get_model("engagements", "Engagement").objects.values_list("partner_criteria_any", flat=True)
    today = datetime.now(UTC).date()
    Designation.objects.bulk_create(
        Designation(
            code=code,
            name=code.removeprefix(SPECIALIZATION),
            kind="specialization" if code.startswith(SPECIALIZATION) else "designation",
        )
        for code in sorted({code for codes in (*held.values(), *asked) for code in codes})
    )
    Attainment.objects.bulk_create(
        Attainment(location_id=location, designation_id=code, held_from=today)
        for location, codes in held.items()
        for code in sorted(set(codes))
    )


class Migration(migrations.Migration):
    dependencies = [
        ("engagements", "0004_uploaded_customer_lists"),
        ("incentives", "0005_invitations_and_sessions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Designation",
            fields=[
                ("code", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[("designation", "Designation"), ("specialization", "Specialization")],
                        max_length=20,
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "name"],
            },
        ),
        migrations.CreateModel(
            name="Evaluation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("as_of", models.DateTimeField()),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_at", models.DateTimeField(null=True)),
                ("judged", models.PositiveBigIntegerField(default=0)),
                ("changed", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Attainment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("held_from", models.DateField(verbose_name="held from")),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="expires on")),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attainments",
                        to="incentives.location",
                        verbose_name="location",
                    ),
                ),
                (
                    "designation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attainments",
                        to="engagements.designation",
                        verbose_name="designation",
                    ),
                ),
            ],
            options={
                "ordering": ["location", "designation"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("location", "designation"), name="a_designation_is_held_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_on", None), ("expires_on__gte", models.F("held_from")), _connector="OR"
                        ),
                        name="an_attainment_ends_after_it_starts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("eligible", models.BooleanField()),
                ("criteria", models.JSONField()),
                ("evaluated_at", models.DateTimeField()),
                (
                    "engagement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="verdicts",
                        to="engagements.engagement",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="verdicts",
                        to="incentives.location",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("eligible", True)),
                        fields=["engagement", "location"],
                        name="eligible_locations",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("location", "engagement"),
                        include=("eligible",),
                        name="one_verdict_on_a_location",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DesignationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("code", models.CharField(max_length=100, serialize=False)),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[("designation", "Designation"), ("specialization", "Specialization")],
                        max_length=20,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="designation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "engagements_designationevent" ("code", "kind", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."code", NEW."kind", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."code"); RETURN NULL;',
                    hash="8c7b97ed9f7bb8fad28e94e027945ae40bc50feb",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_459ed",
                    table="engagements_designation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="designation",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "engagements_designationevent" ("code", "kind", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."code", NEW."kind", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."code"); RETURN NULL;',
                    hash="3c42677a06737f2ed68fcc5bd0d25543769c1d9d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_8762c",
                    table="engagements_designation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="designation",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "engagements_designationevent" ("code", "kind", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."code", OLD."kind", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."code"); RETURN NULL;',
                    hash="1c3a2aa2a142505a6c12af0218de50404155d5d2",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_96149",
                    table="engagements_designation",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="designationevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="engagements.designation",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="designationevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="87cb9be0b703191229a859afbdd3bb655067881c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_5c555",
                    table="engagements_designationevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunPython(lists_become_rows, migrations.RunPython.noop),
    ]
