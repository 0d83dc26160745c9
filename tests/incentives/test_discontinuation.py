"""Ending an enrolment and renewing it: what it does to the location and its claims, and what people read (ROLE-4)."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import IntegrityError, transaction

from claims import lifecycle
from claims.creation import NotClaimable
from claims.states import Status
from engagements import verdicts
from engagements.models import Verdict
from incentives.enrolment import EnrolmentRefused, discontinue, reinstate, validate_all
from incentives.models import AuditEntry, Enrolment, LedgerEntry, LocationRole
from tests.factories import (
    EngagementFactory,
    LocationFactory,
    StaffFactory,
    TermsFactory,
    UserFactory,
    claim_at,
    give_role,
    make_claim,
)
from tests.pages import words

pytestmark = pytest.mark.django_db
S = Enrolment.Status
REASON = "The location has closed."


@pytest.fixture
def owner(db):
    return StaffFactory(vendor_role="owner", full_name="Daniel Weiss")


def accepted(location, now, **facts):
    """The location's enrolment as it stands in these tests: its terms accepted by its admin."""
    terms, admin = TermsFactory(), UserFactory(partner=location.partner)
    facts = {"terms": terms, "accepted_by": admin, "accepted_at": now} | facts
    Enrolment.objects.filter(location=location).update(**facts)
    return Enrolment.objects.get(location=location)


def status_of(location) -> str:
    return Enrolment.objects.get(location=location).status


@pytest.mark.parametrize("status", [status for status in S if status != S.DISCONTINUED])
def test_wherever_a_location_stands_its_enrolment_can_be_ended(location, owner, now, status):
    Enrolment.objects.update(status=status)

    discontinue(location, by=owner, reason=REASON, now=now)

    enrolment = Enrolment.objects.get()
    assert (enrolment.status, enrolment.discontinued_at) == (S.DISCONTINUED, now)
    assert enrolment.discontinued_reason == REASON
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.at, entry.location) == ("enrolment", owner, now, location)
    assert (entry.before, entry.after) == (S(status).label, f"Discontinued: {REASON}")


def test_the_longest_reason_fits_into_the_audit(location, owner, now):
    discontinue(location, by=owner, reason="W" * 200, now=now)

    assert AuditEntry.objects.get().after == f"Discontinued: {'W' * 200}"


def test_what_is_discontinued_already_stays_as_it_is(location, owner, now):
    discontinue(location, by=owner, reason=REASON, now=now)
    before = Enrolment.objects.values().get()

    with pytest.raises(EnrolmentRefused, match="discontinued already"):
        discontinue(location, by=owner, reason="Another one", now=now + timedelta(days=1))

    assert Enrolment.objects.values().get() == before
    assert AuditEntry.objects.count() == 1


def test_reinstated_under_its_terms_it_is_validated_at_once(
    location, owner, now, django_capture_on_commit_callbacks
):
    accepted(location, now)
    discontinue(location, by=owner, reason=REASON, now=now)

    with django_capture_on_commit_callbacks() as asked:
        reinstate(location, by=owner, now=now)

    enrolment = Enrolment.objects.get()
    assert (enrolment.status, enrolment.discontinued_at) == (S.VALIDATING, None)
    assert enrolment.discontinued_reason == ""
    assert len(asked) == 1
    entry = AuditEntry.objects.order_by("-pk").first()
    assert (entry.by, entry.before) == (owner, "Discontinued")
    assert entry.after == f"Validating enrollment, {enrolment.terms.version}"

    validate_all(now=now)
    assert status_of(location) == S.ENROLLED


def test_reinstated_without_terms_it_is_invited_again_by_validation(location, owner, now):
    discontinue(location, by=owner, reason=REASON, now=now)

    reinstate(location, by=owner, now=now)

    assert status_of(location) == S.INELIGIBLE
    assert AuditEntry.objects.order_by("-pk").first().after == "Ineligible"
    validate_all(now=now)
    assert status_of(location) == S.INVITED


def test_reinstated_where_the_program_is_not_offered_it_stays_out(location, owner, now):
    accepted(location, now)
    discontinue(location, by=owner, reason=REASON, now=now)
    TermsFactory(in_force_from=now.date(), not_offered_in=["US"])

    reinstate(location, by=owner, now=now)
    validate_all(now=now)

    assert status_of(location) == S.INELIGIBLE


@pytest.mark.parametrize("status", [status for status in S if status != S.DISCONTINUED])
def test_only_what_is_discontinued_is_reinstated(location, owner, now, status):
    Enrolment.objects.update(status=status)

    with pytest.raises(EnrolmentRefused, match="not discontinued"):
        reinstate(location, by=owner, now=now)

    assert status_of(location) == status
    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("status", "facts"),
    [*product(["enrolled"], [{"discontinued_reason": REASON}, {"discontinued_at": "2026-01-01T00:00Z"}])],
)
def test_the_database_keeps_a_reason_only_of_what_is_discontinued(location, status, facts):
    with pytest.raises(IntegrityError, match="only_what_is_discontinued"), transaction.atomic():
        Enrolment.objects.update(status=status, **facts)


# --- its claims ---


def test_no_new_claims_are_made_until_it_is_back(location, owner, now):
    engagement = EngagementFactory()
    accepted(location, now)
    verdicts.evaluate(now=now)
    discontinue(location, by=owner, reason=REASON, now=now)

    assert not Verdict.objects.filter(location=location).exists()
    with pytest.raises(NotClaimable, match="Your location ID is not eligible"):
        make_claim(location=location, engagement=engagement, now=now)

    reinstate(location, by=owner, now=now)
    validate_all(now=now)
    assert Verdict.objects.get(location=location).eligible
    assert make_claim(location=location, engagement=engagement, now=now)


def test_its_open_claims_go_on_to_the_earning(location, owner, now):
    claim = claim_at(Status.UNDER_REVIEW, location=location, now=now)
    discontinue(location, by=owner, reason=REASON, now=now)

    lifecycle.approve(claim, by=claim.events.get(action="start_review").user, now=now)

    assert claim.status == Status.APPROVED
    assert LedgerEntry.objects.get(location=location).claim_number == claim.pk


# --- what its people read ---


@pytest.mark.parametrize("role", LocationRole.Role.values)
def test_everybody_of_the_location_reads_why(signed_in, location, owner, now, role):
    client = signed_in(give_role(UserFactory(partner=location.partner), location, role=role))
    discontinue(location, by=owner, reason="It <closed>.", now=now)

    page = client.get(f"/incentives/enrolments/{location.pk}/")

    assert "It &lt;closed&gt;." in page.text
    assert "can make no new claims. Open claims go on" in words(page)
    assert "Daniel Weiss" not in page.text
    assert "See the reason" in words(client.get("/incentives/"))


def test_nobody_else_reads_it_and_after_the_return_nobody_does(signed_in, location, owner, stranger, now):
    beside = LocationFactory(partner=location.partner)
    neighbour = give_role(UserFactory(partner=location.partner), beside)
    user = give_role(UserFactory(partner=location.partner), location)
    discontinue(location, by=owner, reason=REASON, now=now)
    address = f"/incentives/enrolments/{location.pk}/"

    assert [signed_in(person).get(address).status_code for person in (stranger, neighbour)] == [404, 404]
    reinstate(location, by=owner, now=now)
    assert REASON not in signed_in(user).get(address).text


def test_discontinued_without_a_record_the_page_says_so_all_the_same(signed_in, location, partner_user):
    Enrolment.objects.update(status=S.DISCONTINUED)

    page = signed_in(partner_user).get(f"/incentives/enrolments/{location.pk}/")

    assert "This enrollment is discontinued" in words(page)
