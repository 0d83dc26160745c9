import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import engagements.models.materials


class Migration(migrations.Migration):
    """What partners download, in versions that nobody can change or delete (ENG-4)."""

    dependencies = [
        ("engagements", "0002_catalogue_history_and_canned_comments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Material",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "slot",
                    models.SlugField(
                        blank=True,
                        help_text="Code of the evidence slot; empty for delivery material.",
                        max_length=40,
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="materials",
                        to="engagements.engagement",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "templates and material",
                "ordering": ["title", "pk"],
            },
        ),
        migrations.CreateModel(
            name="MaterialVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("effective_at", models.DateTimeField()),
                ("changes", models.CharField(blank=True, max_length=300)),
                ("file", models.FileField(upload_to=engagements.models.materials.storage_name)),
                ("name", models.CharField(max_length=200)),
                ("extension", models.CharField(max_length=5)),
                ("content_type", models.CharField(max_length=100)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("uploaded_at", models.DateTimeField()),
                ("form_key", models.UUIDField(null=True)),
                (
                    "material",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="engagements.material",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.AddConstraint(
            model_name="material",
            constraint=models.UniqueConstraint(
                condition=models.Q(("slot", ""), _negated=True),
                fields=("engagement", "slot"),
                name="a_slot_has_one_template",
            ),
        ),
        migrations.AddConstraint(
            model_name="material",
            constraint=models.UniqueConstraint(
                models.F("engagement"),
                django.db.models.functions.text.Lower("title"),
                condition=models.Q(("slot", "")),
                name="delivery_material_has_its_own_title",
            ),
        ),
        migrations.AddConstraint(
            model_name="materialversion",
            constraint=models.UniqueConstraint(
                fields=("material", "number"), name="a_version_has_its_own_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="materialversion",
            constraint=models.UniqueConstraint(
                fields=("material", "form_key"), name="a_version_form_is_saved_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="materialversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("effective_at__gte", models.F("uploaded_at"))),
                name="no_version_takes_effect_before_it_is_there",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="materialversion",
            trigger=pgtrigger.compiler.Trigger(
                name="versions_are_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="90a4a0929c3f1dc4cb46cd63d2ebd8e157384845",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_versions_are_kept_19a86",
                    table="engagements_materialversion",
                    when="BEFORE",
                ),
            ),
        ),
    ]
