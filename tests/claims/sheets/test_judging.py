"""Each row is judged as the wizard would, in its words, and as if the rows before it were claims (BEY-4)."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims.models import Claim, CustomerIdentity
from engagements.models import IdKind
from incentives.models import Enrolment
from tests.breadth import rounds
from tests.factories import (
    EngagementFactory,
    LocationFactory,
    VariableFactory,
    give_role,
    make_claim,
    make_customer,
)
from tests.factories.engagements import SolutionAreaFactory

from .conftest import created, findings, states

pytestmark = pytest.mark.django_db
REQUIRED = "This field is required."


@pytest.fixture
def by_the_hour(db):
    return VariableFactory()


def said(sheet) -> dict[str, list[str]]:
    (found,) = findings(sheet)
    return found


def test_a_ready_row_becomes_the_claim_that_the_wizard_would_create(
    sheet, row, partner_user, engagement, location, customer
):
    done = sheet(row(), create=True)

    claim = Claim.objects.get()
    assert states(done) == ["created"]
    assert done.rows.get().claim == claim
    assert (claim.engagement, claim.location, claim.customer) == (engagement, location, customer)
    assert (claim.name, claim.status, claim.created_by) == (
        "Spring campaign",
        "customer_claimed",
        partner_user,
    )
    assert (claim.partner_contact_name, claim.partner_contact_email) == ("Alexa Barket", partner_user.email)
    assert [slot.code for slot in claim.slots.all()] == ["invoice", "poe"]
    event = claim.events.get()
    assert (event.action, event.user, event.detail) == ("create", partner_user, "From row 2 of a sheet")


def test_nothing_is_created_before_it_is_asked_for(sheet, row):
    assert states(sheet(row())) == ["ready"]
    assert not Claim.objects.exists()


CELLS = {
    "no engagement": ({"engagement_text": ""}, "engagement", REQUIRED),
    "an unknown engagement": ({"engagement_text": "Nothing"}, "engagement", "There is no such engagement for you."),
    "no name": ({"name": ""}, "name", REQUIRED),
    "a name that is too long": ({"name": "x" * 121}, "name", "at most 120 characters (it has 121)"),
    "no location": ({"location_text": ""}, "location", REQUIRED),
    "an unknown location": ({"location_text": "1"}, "location", "no enrolled location with this PartnerID"),
    "no type": ({"id_kind": ""}, "id_kind", REQUIRED),
    "an unknown type": ({"id_kind": "Client"}, "id_kind", "Write one of: Domain name, Tenant ID."),
    "a type that it does not take": ({"id_kind": "TPID"}, "id_kind", "does not take this type"),
    "no ID": ({"id_value": ""}, "id_value", REQUIRED),
    "an address for a domain": ({"id_kind": "Domain name", "id_value": "https://x.com"}, "id_value", "without “https://”"),
    "half a tenant": ({"id_value": "72f988bf"}, "id_value", "in five groups"),
    "a domain of nobody": ({"id_kind": "domain", "id_value": "nobody.example"}, "id_value", "No tenant was found"),
    "a tenant of nobody": ({"id_value": "72f988bf-86f1-41af-91ab-2d7cd011db47"}, "id_value", "No customer was found"),
    "hours for a fixed payout": ({"requested_hours": "8"}, "requested_hours", "hours belong to a variable payout"),
    "no contact": ({"customer_contact_name": ""}, "customer_contact_name", REQUIRED),
    "no address": ({"customer_contact_email": ""}, "customer_contact_email", REQUIRED),
    "half an address": ({"customer_contact_email": "susie"}, "customer_contact_email", "Enter a valid email"),
    "a title that is too long": ({"customer_contact_title": "x" * 121}, "customer_contact_title", "at most 120"),
    "half an address of ours": ({"partner_contact_email": "@"}, "partner_contact_email", "Enter a valid email"),
    "a foreign address": ({"customer_contact_email": "susie@elsewhere.example"}, "domain_mismatch_reason", "Say why"),
    "lost characters": ({"name": "m\ufffdnchen"}, "name", "mixes encodings"),
}  # fmt: skip


@pytest.mark.parametrize("what", CELLS)
def test_a_wrong_cell_is_told_in_the_words_of_the_wizard(sheet, row, what):
    changes, column, words = CELLS[what]

    checked = sheet(row(**changes))

    assert states(checked) == ["wrong"]
    assert list(said(checked)) == [column]
    assert words in " ".join(said(checked)[column])


def test_all_that_is_wrong_is_told_at_once(sheet, row):
    wrong = row(name="", location_text="1", id_kind="", customer_contact_email="x", requested_hours="x")
    assert set(said(sheet(wrong))) == {"name", "location", "id_kind", "customer_contact_email"}


@pytest.mark.parametrize("kind", ["domain", "tenant", "tpid", "opportunity", "subscription"])
def test_each_type_of_id_is_taken_by_its_name_and_its_code(sheet, row, kind, by_the_hour, customer):
    organization = customer.organization
    CustomerIdentity.objects.create(
        organization=organization, kind="subscription", value="8d65815f-a5b6-402f-9298-045155da7d74"
    )
    identity = CustomerIdentity.objects.get(organization=organization, kind=kind)
    engagement = EngagementFactory(id_types=[kind]) if kind != "opportunity" else by_the_hour
    hours = "" if kind != "opportunity" else "10"
    wished = {"engagement": engagement, "customer": identity, "requested_hours": hours}

    checked = sheet(row(**wished, name="By name"), row(**wished, name="By code", id_kind=kind), create=True)

    assert states(checked) == ["created"] * 2
    assert set(Claim.objects.values_list("customer", flat=True)) == {identity.pk}


@pytest.mark.parametrize(
    ("hours", "state"), [("10", "created"), ("", "wrong"), ("0", "wrong"), ("x", "wrong"), ("1.5", "wrong")]
)
def test_a_variable_payout_needs_its_hours(sheet, row, by_the_hour, hours, state, now):
    customer = make_customer("opportunity")
    checked = sheet(row(engagement=by_the_hour, customer=customer, requested_hours=hours))
    if state == "created":
        assert states(created(checked, now)) == ["created"]
        assert Claim.objects.get().requested_hours == 10
    else:
        assert states(checked) == ["wrong"]
        assert list(said(checked)) == ["requested_hours"]


def test_a_foreign_address_is_taken_with_its_reason(sheet, row):
    away = {"customer_contact_email": "susie@elsewhere.example"}
    sheet(row(**away, domain_mismatch_reason="They merged."), create=True)
    assert Claim.objects.get().domain_mismatch_reason == "They merged."


def test_what_others_may_claim_does_not_exist(sheet, row, engagement):
    private, elsewhere = EngagementFactory(private_list=True), LocationFactory()
    assert list(said(sheet(row(engagement_text=private.code)))) == ["engagement"]
    assert list(said(sheet(row(location=elsewhere)))) == ["location"]


def test_a_location_that_cannot_claim_is_told_as_in_the_wizard(sheet, row, location, engagement):
    engagement.partner_criteria_any = ["SP Security"]
    engagement.save()
    assert said(sheet(row())) == {"location": ["Your location ID is not eligible. Choose another location."]}
    Enrolment.objects.filter(location=location).update(status="invited")
    assert said(sheet(row())) == {"location": ["You have no enrolled location with this PartnerID."]}


def test_a_location_may_be_written_as_the_wizard_shows_it(sheet, row, location):
    assert states(sheet(row(location_text=str(location)))) == ["ready"]


def test_an_engagement_is_known_by_its_code_where_two_have_one_name(sheet, row, engagement):
    other = EngagementFactory(name=engagement.name)
    (text,) = said(sheet(row()))["engagement"]
    assert f"{engagement.code} or {other.code}" in text or f"{other.code} or {engagement.code}" in text
    assert states(sheet(row(engagement_text=other.code.lower()))) == ["ready"]


def test_what_is_said_against_an_engagement_is_said_of_its_row(sheet, row, engagement):
    engagement.customer_list = True
    engagement.save()
    assert said(sheet(row())) == {
        "engagement": [
            f"{engagement} cannot be claimed: Customer is not on the engagement's eligible customer list."
        ]
    }


@pytest.mark.parametrize(
    ("limits", "ready"),
    [
        ({}, 4),
        ({"limit_concurrent": 1}, 2),
        ({"limit_concurrent": 1, "limit_scope": "tpid"}, 1),
        ({"limit_unique_customers": 1}, 2),
        ({"limit_concurrent": 0}, 0),
    ],
)
def test_rows_before_use_up_the_limits(sheet, row, engagement, customer, limits, ready):
    """Two customer IDs of one TPID, each twice."""
    for name, limit in limits.items():
        setattr(engagement, name, limit)
    engagement.save()
    other = make_customer(organization=customer.organization)
    rows = [row(name=name, customer=each) for name in ("One", "Two") for each in (customer, other)]

    checked = sheet(*rows)

    assert states(checked).count("ready") == ready
    assert states(checked).count("wrong") == 4 - ready


def test_open_claims_of_an_area_are_counted_over_engagements(sheet, row, engagement):
    engagement.solution_area.open_claims_limit = 2
    engagement.solution_area.save()
    rows = [row(engagement=each) for each in (engagement, EngagementFactory(), EngagementFactory())]
    elsewhere = EngagementFactory(solution_area=SolutionAreaFactory(code="azure", name="Azure", position=2))
    assert states(sheet(*rows, row(engagement=elsewhere))) == ["ready", "ready", "wrong", "ready"]


def test_a_row_that_stands_twice_is_ready_once(sheet, row, customer):
    domain = customer.domains.get()
    checked = sheet(row(), row(name="SPRING campaign"), row(customer=domain, id_value=domain.value.upper()))
    assert states(checked) == ["ready", "repeated", "repeated"]
    assert findings(checked)[1] == {"": ["The same claim stands in row 2."]}


def test_a_wrong_row_takes_nothing_from_a_right_one(sheet, row, engagement):
    engagement.limit_concurrent = 1
    engagement.save()
    assert states(sheet(row(customer_contact_email=""), row())) == ["wrong", "ready"]


def test_what_the_wizard_created_is_already_claimed(sheet, row, now, engagement, location, customer):
    claim = make_claim(
        now=now, engagement=engagement, location=location, customer=customer, name="spring Campaign"
    )
    checked = sheet(row(), row(name="Another"))
    assert states(checked) == ["claimed", "ready"]
    assert checked.rows.first().claim == claim


def test_a_claim_of_another_company_is_no_claim_of_ours(sheet, row, now, engagement, customer):
    make_claim(now=now, engagement=engagement, customer=customer, name="Spring campaign")
    assert states(sheet(row())) == ["ready"]


wishes = st.lists(
    st.tuples(*(st.integers(0, n) for n in (1, 2, 1, 1))),
    min_size=1,
    max_size=7,
)
limits = st.fixed_dictionaries(
    {
        "limit_concurrent": st.sampled_from([None, 1, 2]),
        "limit_unique_customers": st.sampled_from([None, 1, 2]),
        "limit_scope": st.sampled_from(["customer_id", "tpid"]),
    }
)


@pytest.mark.long
@settings(
    max_examples=rounds(10, long=25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(wished=wishes, first=limits, second=limits, in_area=st.sampled_from([None, 2, 3]))
def test_what_is_ready_is_created_and_nothing_else_could_have_been(
    sheet, row, location, partner_user, wished, first, second, in_area
):
    """The dry run foretells what happens, whatever the limits are and in whichever order the rows come."""
    with transaction.atomic():
        two = [EngagementFactory(**facts) for facts in (first, second)]
        area = two[0].solution_area
        area.open_claims_limit = in_area
        area.save()
        one = make_customer()
        customers = [one, make_customer(organization=one.organization), make_customer()]
        places = [location, LocationFactory(partner=location.partner, country="HU")]
        give_role(partner_user, places[1])
        rows = [
            row(engagement=two[e], customer=customers[c], location=places[p], name=f"Name {n}")
            for e, c, p, n in wished
        ]

        checked = sheet(*rows)
        foretold = states(checked)
        if "ready" in foretold:
            created(checked, checked.uploaded_at)

        assert states(checked) == [{"ready": "created"}.get(state, state) for state in foretold]
        again = states(sheet(*rows))
        assert [state == "claimed" for state in again] == [
            state in {"ready", "repeated", "claimed"} for state in foretold
        ]
        transaction.set_rollback(True)


def test_every_kind_of_id_has_been_tried():
    assert {kind.value for kind in IdKind} == {"domain", "tenant", "tpid", "opportunity", "subscription"}
