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
    VariableFactory,
    claim_at,
    give_role,
    make_claim,
    make_customer,
)
from tests.pages import words

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
    review = words(wizard.client.get(wizard.step("review")))
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
    assert again.at == f"{wizard.at}?resumed=1"
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


@pytest.fixture
def variable(db):
    return VariableFactory()


@pytest.fixture
def opportunity(db):
    return make_customer("opportunity")


@pytest.fixture
def by_the_hour(typed, variable, opportunity):
    return typed | {
        "customer": typed["customer"] | {"id_kind": "opportunity", "id_value": opportunity.value},
        "engagement": {"engagements": [variable.code], "requested_hours": "10"},
    }


def start(client, **asked):
    return client.post(reverse("claims:add"), asked)


@pytest.mark.parametrize(("hours", "proposed"), [("10", "$1,630.00"), ("1", "$163.00"), ("37", "$6,000.00")])
def test_a_variable_payout_proposes_hours_times_rate_up_to_the_cap(
    partner_user, signed_in, by_the_hour, variable, hours, proposed
):
    wizard = Wizard(signed_in(partner_user), variable)
    fill(wizard, by_the_hour | {"engagement": {"engagements": [variable.code], "requested_hours": hours}})

    review = words(wizard.client.get(wizard.step("review")))
    assert f"Requested hours {hours} Proposed payout (USD) {proposed}" in review
    wizard.send("review")
    claim = Claim.objects.get()
    assert (claim.requested_hours, claim.engagement, claim.customer.kind) == (
        int(hours),
        variable,
        "opportunity",
    )


@pytest.mark.parametrize(
    ("hours", "word"),
    [
        ("", "required"),
        ("0", "greater than or equal to 1"),
        ("-3", "greater than or equal to 1"),
        ("2.5", "whole number"),
        ("10000", "less than or equal to 9999"),
        ("ten", "whole number"),
    ],
)
def test_hours_must_be_whole_and_sensible(partner_user, signed_in, by_the_hour, variable, hours, word):
    wizard = Wizard(signed_in(partner_user), variable)
    fill(wizard, {"customer": by_the_hour["customer"]})

    answer = wizard.send("engagement", engagements=[variable.code], requested_hours=hours)

    assert answer.status_code == 422
    assert word in words(answer)
    assert wizard.client.get(wizard.step("review"))["Location"] == wizard.step("engagement")


def test_an_opportunity_is_claimed_for_exactly_one_engagement(partner_user, signed_in, by_the_hour, variable):
    other = VariableFactory()
    wizard = Wizard(signed_in(partner_user), variable)
    fill(wizard, {"customer": by_the_hour["customer"]})

    answer = wizard.send("engagement", engagements=[variable.code, other.code], requested_hours="5")

    assert answer.status_code == 422
    assert "one at a time" in words(answer)


def test_fixed_and_variable_payouts_never_mix(wizard, typed, variable, by_the_hour, engagement):
    fill(wizard, {"customer": typed["customer"]})
    answer = wizard.send("engagement", engagements=[engagement.code, variable.code])
    assert answer.status_code == 422
    assert "Invalid customer ID type" in words(answer)


def test_a_new_run_can_be_started_beside_one_that_goes_on(wizard, typed, engagement):
    """Two tabs: what was typed in the first stays there, the second begins anew, each creates its own."""
    wizard.send("customer", **typed["customer"] | {"name": "First tab"})
    resumed = start(wizard.client, engagement=engagement.code)["Location"]
    assert resumed.endswith("/engagement/?resumed=1")
    assert "You go on where you left off." in words(wizard.client.get(resumed))

    anew = wizard.client.post(resumed, {"anew": "1"})["Location"]

    assert wizard.client.get(anew).context["form"].initial == {}
    second = Wizard.__new__(Wizard)
    second.client, second.at = wizard.client, anew
    fill(second, typed | {"customer": typed["customer"] | {"name": "Second tab"}})
    second.send("review")
    fill(wizard, {slug: typed[slug] for slug in ("engagement", "contacts")})
    wizard.send("review")
    assert sorted(Claim.objects.values_list("name", flat=True)) == ["First tab", "Second tab"]


def test_claim_customer_is_filled_in_from_the_last_claim_and_keeps_the_customer(
    signed_in, partner_user, engagement, location, now
):
    earlier = claim_at("approved", now=now, location=location, engagement=engagement, name="Last year")
    client = signed_in(partner_user)

    wizard = Wizard.__new__(Wizard)
    wizard.client = client
    wizard.at = start(client, engagement=engagement.code, customer=earlier.customer_id)["Location"]
    assert wizard.at.endswith("/engagement/")
    other = make_customer()
    asked = {"name": "This year", "location": location.pk, "id_kind": "tenant", "id_value": other.value}
    wizard.send("customer", **asked)
    fill(wizard, {"engagement": {"engagements": [engagement.code]}})
    assert earlier.customer_contact_email in client.get(wizard.step("contacts")).content.decode()
    wizard.send("review")

    (claim,) = Claim.objects.exclude(pk=earlier.pk)
    assert (claim.customer, claim.name) == (earlier.customer, "This year")
    assert claim.customer_contact_email == earlier.customer_contact_email


def test_claim_again_leads_straight_to_the_review(signed_in, partner_user, engagement, location, now):
    ended = claim_at("consent_expired", now=now, location=location, engagement=engagement)
    client = signed_in(partner_user)
    assert f'name="claim" value="{ended.pk}"' in client.get(f"/claims/{ended.pk}/").content.decode()

    review = start(client, claim=ended.pk)["Location"]

    assert review.endswith("/review/")
    assert "Customer successfully claimed" in words(client.post(review))
    (claim,) = Claim.objects.exclude(pk=ended.pk)
    assert (claim.customer, claim.engagement, claim.location) == (
        ended.customer,
        ended.engagement,
        ended.location,
    )


def test_claim_again_of_a_variable_payout_keeps_the_hours(
    signed_in, partner_user, variable, location, opportunity, now
):
    facts = {"engagement": variable, "location": location, "customer": opportunity, "requested_hours": 12}
    ended = claim_at("cancelled", now=now, **facts)
    client = signed_in(partner_user)

    client.post(start(client, claim=ended.pk)["Location"])

    assert Claim.objects.exclude(pk=ended.pk).get().requested_hours == 12


def test_claim_again_names_what_stands_against_it(signed_in, partner_user, engagement, location, now):
    ended = claim_at("approved", now=now, location=location, engagement=engagement)
    type(engagement).objects.filter(pk=engagement.pk).update(limit_approved=1)
    client = signed_in(partner_user)

    step = start(client, claim=ended.pk)["Location"]

    assert step.endswith("/engagement/")
    assert "Limit reached: approved claims for this customer" in words(client.get(step))


@pytest.mark.parametrize("whose", ["open", "no role", "another company", "none"])
def test_only_ended_claims_of_mine_can_be_claimed_again(
    signed_in, partner_user, engagement, location, now, whose
):
    place = LocationFactory(partner=location.partner) if whose == "no role" else location
    place = LocationFactory() if whose == "another company" else place
    status = "customer_claimed" if whose == "open" else "cancelled"
    claim = claim_at(status, now=now, location=place, engagement=engagement)
    number = claim.pk + 1 if whose == "none" else claim.pk

    assert start(signed_in(partner_user), claim=number).status_code == 404
    assert Draft.objects.count() == 0


def test_a_customer_who_never_gave_consent_cannot_be_claimed_as_known(
    signed_in, partner_user, engagement, location, now
):
    claim = claim_at("customer_claimed", now=now, location=location, engagement=engagement)
    stranger = claim_at("approved", now=now, engagement=engagement)

    for customer in (claim.customer_id, stranger.customer_id, 2**63 - 1):
        assert (
            start(signed_in(partner_user), engagement=engagement.code, customer=customer).status_code == 404
        )
    assert start(signed_in(partner_user), engagement=engagement.code, customer=2**63).status_code == 404


def test_what_is_left_of_each_limit_stands_beside_the_offer(wizard, typed, engagement, location, now):
    """The company's own use as a number; of limits that all partners share, only that there is room (LIM-6)."""
    limits = {"limit_unique_customers": 3, "limit_consents": 40, "limit_concurrent": 2}
    type(engagement).objects.filter(pk=engagement.pk).update(**limits)
    make_claim(now=now, engagement=engagement, location=location)
    fill(wizard, {"customer": typed["customer"]})

    shown = words(wizard.client.get(wizard.step("engagement")))

    assert "Customers of your company in United States of America 2 of 3 left" in shown
    assert "Customer consents for the engagement limit of 40 not reached" in shown
    assert "Open claims for this customer limit of 2 not reached" in shown


def test_a_rivals_claim_changes_nothing_that_a_partner_reads_while_there_is_room(
    wizard, typed, engagement, domain, now
):
    limits = {"limit_consents": 40, "limit_concurrent": 2, "limit_approved": 2}
    type(engagement).objects.filter(pk=engagement.pk).update(**limits)
    fill(wizard, {"customer": typed["customer"]})
    before = words(wizard.client.get(wizard.step("engagement")))

    claim_at("consent_received", now=now, engagement=engagement, customer=domain)

    assert words(wizard.client.get(wizard.step("engagement"))) == before
