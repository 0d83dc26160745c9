from datetime import date
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from engagements.models import (
    ActivityType,
    Attainment,
    Designation,
    Engagement,
    EvidenceSlot,
    MarketList,
    RateCard,
    SolutionArea,
)
from incentives.models import Location


class SolutionAreaFactory(DjangoModelFactory):
    class Meta:
        model = SolutionArea
        django_get_or_create = ("code",)

    code = "modern-work-security"
    name = "Modern Work and Security"
    position = 1
    open_claims_limit = 9


class ActivityTypeFactory(DjangoModelFactory):
    class Meta:
        model = ActivityType
        django_get_or_create = ("code",)

    code = "standard"
    name = "Standard"
    consent_days, submit_days, review_days, dispute_days = 30, 90, 120, 30


class MarketListFactory(DjangoModelFactory):
    class Meta:
        model = MarketList
        django_get_or_create = ("code",)

    code = "everywhere"
    name = "Everywhere"
    countries = factory.LazyFunction(lambda: {"A": ["US"], "B": ["HU"], "C": "*"})


class EngagementFactory(DjangoModelFactory):
    class Meta:
        model = Engagement
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"MWS-T{n}")
    name = factory.Sequence(lambda n: f"Workshop {n}")
    solution_area = factory.SubFactory(SolutionAreaFactory)
    activity_type = factory.SubFactory(ActivityTypeFactory)
    payout = Engagement.Payout.FIXED
    opens_on = date(2020, 1, 1)
    id_types = factory.LazyFunction(lambda: ["domain", "tenant"])

    @factory.post_generation
    def terms(self, create: bool, extracted: object, **_: object) -> None:
        for position, (code, name) in enumerate(
            (("invoice", "Invoice"), ("poe", "Findings and recommendations document")), 1
        ):
            EvidenceSlot.objects.create(engagement=self, code=code, name=name, kind=code, position=position)
        RateCard.objects.create(
            engagement=self,
            starts_on=date(2020, 1, 1),
            market_list=MarketListFactory(),
            rate_a=Decimal(5000),
            rate_b=Decimal(3000),
            rate_c=Decimal(1000),
            unit=RateCard.Unit.CLAIM,
        )


def hold(
    location: Location, *codes: str, since: date = date(2020, 1, 1), until: date | None = None
) -> Location:
    """Let a location hold these designations."""
    for code in codes:
        designation, _ = Designation.objects.get_or_create(
            code=code, defaults={"name": code, "kind": Designation.Kind.DESIGNATION}
        )
        Attainment.objects.create(
            location=location, designation=designation, held_from=since, expires_on=until
        )
    return location
