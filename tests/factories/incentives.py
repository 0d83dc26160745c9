from datetime import UTC, date, datetime

import factory
from factory.django import DjangoModelFactory

from incentives.models import Enrolment, Location, LocationRole, Partner, ProgrammeTerms, User

from .payees import make_payee

PASSWORD = "a long enough password"


class PartnerFactory(DjangoModelFactory):
    class Meta:
        model = Partner

    global_id = factory.Sequence(lambda n: 1_000_000 + n)
    name = factory.Sequence(lambda n: f"Partner {n}")


class LocationFactory(DjangoModelFactory):
    class Meta:
        model = Location
        skip_postgeneration_save = True

    partner = factory.SubFactory(PartnerFactory)
    partner_number = factory.Sequence(lambda n: 5_000_001 + n)
    name = factory.SelfAttribute("partner.name")
    city = "Las Vegas"
    country = "US"
    region = "Americas"

    @factory.post_generation
    def enrolled(self, create: bool, extracted: bool | None, **_: object) -> None:
        status = Enrolment.Status.INVITED if extracted is False else Enrolment.Status.ENROLLED
        Enrolment.objects.create(location=self, status=status)
        make_payee(self)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@partner.example")
    full_name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password(PASSWORD)


class StaffFactory(UserFactory):
    email = factory.Sequence(lambda n: f"staff{n}@vendor.example")
    vendor_role = User.VendorRole.REVIEWER


def give_role(user: User, *locations: Location, role: str = LocationRole.Role.USER) -> User:
    for location in locations:
        LocationRole.objects.create(user=user, location=location, role=role)
    return user


class TermsFactory(DjangoModelFactory):
    class Meta:
        model = ProgrammeTerms

    version = factory.Sequence(lambda n: f"{n + 1}.0")
    title = "Program terms"
    text = "What a location agrees to."
    in_force_from = factory.Sequence(lambda n: date(2020, 1, 1 + n % 28))
    published_at = datetime(2019, 12, 1, tzinfo=UTC)
