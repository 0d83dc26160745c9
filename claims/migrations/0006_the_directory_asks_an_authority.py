import django_countries.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """A domain may move to another customer and stay what it was for older claims; facts may be not known (WIZ-3)."""

    dependencies = [
        ("claims", "0005_only_one_where_the_limit_is_one"),
    ]

    operations = [
        migrations.CreateModel(
            name="DomainAnswer",
            fields=[
                ("domain", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("answered_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Outage",
            fields=[
                ("authority", models.CharField(max_length=300, primary_key=True, serialize=False)),
                ("until", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="customeridentity",
            name="an_id_belongs_to_one_customer",
        ),
        migrations.AddField(
            model_name="customeridentity",
            name="moved_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When the domain left its tenant; claims that were made before keep customer and tenant.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="organization",
            name="country",
            field=django_countries.fields.CountryField(
                blank=True, max_length=2, verbose_name="country/region"
            ),
        ),
        migrations.AlterField(
            model_name="organization",
            name="sector",
            field=models.CharField(
                choices=[("commercial", "Commercial"), ("public", "Public sector"), ("unknown", "Not known")],
                default="commercial",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="customeridentity",
            constraint=models.UniqueConstraint(
                condition=models.Q(("moved_at", None)),
                fields=("kind", "value"),
                name="an_id_belongs_to_one_customer",
            ),
        ),
    ]
