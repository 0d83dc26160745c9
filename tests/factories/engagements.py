from datetime import date, datetime
from decimal import Decimal
from itertools import count

import factory
from django.core.files.uploadedfile import SimpleUploadedFile
from factory.django import DjangoModelFactory

from engagements.materials import Publication, begin, publish
from engagements.models import (
    ActivityType,
    Attainment,
    Designation,
    Engagement,
    EvidenceSlot,
    MarketList,
    Material,
    MaterialVersion,
    RateCard,
    SolutionArea,
)
from incentives.management.walk import sheet
from incentives.models import Location, User

from .incentives import StaffFactory

files = count(1)
BY_THE_CLAIM = {
    "unit": RateCard.Unit.CLAIM,
    "rate_a": Decimal(5000),
    "rate_b": Decimal(3000),
    "rate_c": Decimal(1000),
}
BY_THE_HOUR = {
    "unit": RateCard.Unit.HOUR,
    "rate_a": Decimal(163),
    "rate_b": Decimal(130),
    "rate_c": Decimal(82),
    "cap": Decimal(6000),
}


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
            **(BY_THE_HOUR if self.payout == Engagement.Payout.VARIABLE else BY_THE_CLAIM),
        )


class VariableFactory(EngagementFactory):
    """An engagement of variable payout, claimed for one opportunity by the hour."""

    payout = Engagement.Payout.VARIABLE
    id_types = factory.LazyFunction(lambda: ["opportunity"])


def a_file(name: str = "") -> SimpleUploadedFile:
    """A document that is like no other."""
    number = next(files)
    return SimpleUploadedFile(name or f"document-{number}.pdf", sheet(f"Document {number}"))


def make_version(
    engagement: Engagement,
    *,
    now: datetime,
    slot: str = "poe",
    title: str = "",
    effective_on: date | None = None,
    changes: str = "",
    by: User | None = None,
) -> MaterialVersion:
    """The next version of a slot's template, or of the delivery material of this title, published at this instant."""
    by = by or StaffFactory(vendor_role=User.VendorRole.OWNER)
    issue = Publication(a_file(), effective_on or now.date(), changes)
    named = {"slot": "", "title": title} if title else {"slot": slot}
    material = Material.objects.filter(engagement=engagement, **named).first()
    if material:
        return publish(material, issue, by=by, now=now)
    return begin(engagement, issue, **named, by=by, now=now)


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
