"""The Add customer wizard over HTTP, as it works without JavaScript (WIZ-1 to WIZ-8)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from claims.models import Claim
from incentives.models import Draft, LocationRole
from tests.factories import (
    EngagementFactory,
    LocationFactory,
    UserFactory,
    give_role,
    make_claim,
    make_customer,
)

pytestmark = pytest.mark.django_db


class Wizard:
    """Somebody at the wizard, who remembers where it is."""

    def __init__(self, client, engagement):
        self.client = client
        self.at = client.post(reverse("claims:add"), {"engagement": engagement.code})["Location"]

    def step(self, slug):
        return self.at.rsplit("/", 2)[0] + f"/{slug}/"

    def send(self, slug, **typed):
        return self.client.post(self.step(slug), typed)


@pytest.fixture
def domain(db):
    return make_customer("domain")


@pytest.fixture
def wizard(partner_user, engagement, signed_in):
    return Wizard(signed_in(partner_user), engagement)


@pytest.fixture
def typed(location, engagement, domain):
    return {
        "customer": {
            "name": "Frontline",
            "location": location.pk,
            "id_kind": "domain",
            "id_value": domain.value,
        },
        "engagement": {"engagements": [engagement.code]},
        "contacts": {
            "customer_contact_name": "Susie Jones",
            "customer_contact_email": f"susie@{domain.value}",
            "partner_contact_name": "Priya Kaur",
            "partner_contact_email": "priya@partner.example",
        },
    }


def fill(wizard, typed):
    for slug, values in typed.items():
        answer = wizard.send(slug, **values)
        assert answer.status_code == 302, answer.content.decode()


def test_four_steps_create_one_claim(wizard, typed, domain, partner_user):
    fill(wizard, typed)
    review = wizard.client.get(wizard.step("review")).content.decode()
    for shown in ("Frontline", domain.value, domain.tenant.value, "Susie Jones", "priya@partner.example"):
        assert shown in review
    assert "Customer successfully claimed" in wizard.send("review").content.decode()
    (claim,) = Claim.objects.all()
    assert (claim.customer, claim.counts_as, claim.created_by) == (domain, domain.tenant, partner_user)


def test_finishing_twice_creates_nothing_twice(wizard, typed):
    fill(wizard, typed)
    answers = [wizard.send("review") for _ in range(3)]
    assert ["Customer successfully claimed" in answer.content.decode() for answer in answers] == [True] * 3
    assert Claim.objects.count() == 1


def test_a_later_step_leads_back_to_the_first_that_is_open(wizard, typed):
    assert wizard.client.get(wizard.step("review"))["Location"] == wizard.step("customer")
    wizard.send("customer", **typed["customer"])
    assert wizard.client.get(wizard.step("review"))["Location"] == wizard.step("engagement")


def test_previous_keeps_what_was_typed(wizard, typed):
    fill(wizard, {slug: typed[slug] for slug in ("customer", "engagement")})
    back = wizard.send("contacts", customer_contact_name="Half a name", previous="1")
    assert back["Location"] == wizard.step("engagement")
    assert "Half a name" in wizard.client.get(wizard.step("contacts")).content.decode()


def test_what_was_typed_survives_a_lost_session_for_24_hours(wizard, engagement, partner_user, signed_in):
    wizard.send("customer", name="Typed before the session was lost")
    again = Wizard(signed_in(partner_user), engagement)
    assert again.at == wizard.at
    assert "Typed before the session was lost" in again.client.get(again.at).content.decode()
    Draft.objects.update(updated_at=Draft.objects.get().updated_at - timedelta(hours=24))
    assert Wizard(signed_in(partner_user), engagement).at != wizard.at
    assert wizard.client.get(wizard.at).status_code == 404


def test_somebody_elses_draft_does_not_exist(wizard, location, signed_in):
    colleague = give_role(UserFactory(partner=location.partner), location)
    assert signed_in(colleague).get(wizard.at).status_code == 404


def test_an_unresolved_domain_asks_for_another_id(wizard, typed):
    answer = wizard.send("customer", **typed["customer"] | {"id_value": "unknown.example"})
    assert answer.status_code == 422
    assert "tenant ID or TPID" in answer.content.decode()


def test_an_ineligible_location_is_listed_disabled_and_refused(engagement, partner_user, signed_in, typed):
    engagement.partner_criteria_any = ["SP Modern Work"]
    engagement.save()
    wizard = Wizard(signed_in(partner_user), engagement)
    page = wizard.client.get(wizard.at).content.decode()
    assert "Your location ID is not eligible" in page
    answer = wizard.send("customer", **typed["customer"])
    assert answer.status_code == 422
    assert Draft.objects.get().answers["customer"]["name"] == ["Frontline"]


@pytest.mark.parametrize("whose", ["another company", "no role"])
def test_a_location_without_a_role_cannot_be_chosen(wizard, typed, location, whose):
    other = LocationFactory() if whose == "another company" else LocationFactory(partner=location.partner)
    answer = wizard.send("customer", **typed["customer"] | {"location": other.pk})
    assert answer.status_code == 422
    assert other.city not in wizard.client.get(wizard.step("customer")).content.decode().replace(
        location.city, ""
    )


def test_every_ineligible_engagement_shows_its_reason(wizard, typed, engagement, now):
    wrong_kind = EngagementFactory(id_types=["tpid"], name="Only by TPID")
    upcoming = EngagementFactory(opens_on=(now + timedelta(days=9)).date(), name="Not yet")
    closed = EngagementFactory(closes_on=(now - timedelta(days=9)).date(), name="No more")
    full = EngagementFactory(limit_consents=0, name="Full")
    fill(wizard, {"customer": typed["customer"]})
    page = wizard.client.get(wizard.step("engagement")).content.decode()
    for other, reason in (
        (wrong_kind, "Invalid customer ID type"),
        (upcoming, "Engagement is not open yet"),
        (closed, "Engagement is closed to new claims"),
        (full, "Limit reached: customer consents for the engagement"),
    ):
        assert f"<strong>{other.name}</strong> - {reason}" in page
        assert wizard.send("engagement", engagements=[other.code]).status_code == 422
    assert f'value="{engagement.code}" checked' in page


def test_an_address_outside_the_customers_domain_needs_a_reason(wizard, typed):
    fill(wizard, {slug: typed[slug] for slug in ("customer", "engagement")})
    foreign = typed["contacts"] | {"customer_contact_email": "susie@elsewhere.example"}
    assert wizard.send("contacts", **foreign).status_code == 422
    assert wizard.send("contacts", **foreign, domain_mismatch_reason="Hosted elsewhere").status_code == 302


def test_a_limit_reached_meanwhile_creates_nothing_and_says_why(wizard, typed, engagement, domain, now):
    fill(wizard, typed)
    engagement.limit_concurrent = 1
    engagement.save()
    make_claim(now=now, engagement=engagement, customer=domain)
    answer = wizard.send("review")
    assert answer.status_code == 302
    assert answer["Location"] == wizard.step("engagement")
    assert Claim.objects.count() == 1


def test_a_role_that_is_gone_ends_the_wizard(wizard, typed):
    fill(wizard, typed)
    LocationRole.objects.all().delete()
    wizard.send("review")
    assert Claim.objects.count() == 0


def test_three_engagements_in_one_pass(wizard, typed, engagement):
    more = [EngagementFactory(), EngagementFactory()]
    typed["engagement"]["engagements"] += [e.code for e in more]
    fill(wizard, typed)
    wizard.send("review")
    assert {claim.engagement for claim in Claim.objects.all()} == {engagement, *more}


def test_another_solution_area_is_not_listed(wizard, typed):
    from tests.factories.engagements import SolutionAreaFactory

    azure = EngagementFactory(
        solution_area=SolutionAreaFactory(code="azure", name="Azure", position=2), name="Azure thing"
    )
    fill(wizard, {"customer": typed["customer"]})
    assert azure.name not in wizard.client.get(wizard.step("engagement")).content.decode()
