"""Nobody judges a company of their own: whoever belonged to it, or worked on the claim, is refused by rule (A08)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

import reviews
from claims import documents, lifecycle
from claims.models import Claim
from claims.states import Status as S
from incentives.models import AuditEntry, LocationRole, PartnerRole, User
from incentives.people import grants
from incentives.people.grants import Roles
from reviews import decisions
from tests.factories import LocationFactory, StaffFactory, UserFactory, a_file, claim_at, give_role
from tests.incentives.people.conftest import make_admin

from .views.test_decisions import kept

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
Tie = Callable[[User, Claim, datetime], object]


def role_in_the_company(person: User, claim: Claim, now: datetime) -> None:
    PartnerRole.objects.create(user=person, partner=claim.partner, role=PartnerRole.Role.REFERRALS_ADMIN)


def role_given_and_taken(person: User, claim: Claim, now: datetime) -> None:
    admin = make_admin(claim.location)
    grants.give_roles(person, Roles("incentive_user", [claim.location]), by=admin, now=now)
    grants.take_roles(person, by=admin, now=now, incentive=list(person.location_roles.all()))


def uploading(person: User, claim: Claim, now: datetime) -> None:
    give_role(person, claim.location)
    documents.add(claim, claim.slots.first(), [a_file()], by=person, now=now)
    person.location_roles.all().delete()


def submitting(person: User, claim: Claim, now: datetime) -> None:
    give_role(person, claim.location)
    lifecycle.submit(claim, by=person, now=now)
    person.location_roles.all().delete()


# What somebody was, or did, before they went over to the vendor; the last three left no role behind.
TIES: dict[str, Tie] = {
    "holds a role for the location": lambda person, claim, now: give_role(person, claim.location),
    "holds a role for another of its locations": lambda person, claim, now: give_role(
        person, LocationFactory(partner=claim.partner)
    ),
    "holds a role for the whole company": role_in_the_company,
    "held a role that was taken away": role_given_and_taken,
    "uploaded to the claim": uploading,
    "submitted the claim": submitting,
}


def hired(person: User) -> User:
    """The same person on the vendor's staff."""
    person.partner, person.vendor_role = None, User.VendorRole.REVIEWER
    person.save()
    return person


def under_review(claim: Claim, now: datetime) -> Claim:
    """Submitted, if nobody has done it yet, and taken up by a reviewer who has nothing to do with it."""
    claim.refresh_from_db()
    if claim.status == S.ACTION_REQUIRED:
        lifecycle.submit(claim, by=claim.created_by, now=now)
    return lifecycle.start_review(claim, by=StaffFactory(), now=now)


@pytest.fixture(params=TIES)
def tied(request, now) -> tuple[User, Claim]:
    claim = claim_at(S.ACTION_REQUIRED, now=now - 2 * HOUR)
    person = UserFactory(partner=claim.partner)
    TIES[request.param](person, claim, now - 2 * HOUR)
    return hired(person), under_review(claim, now - HOUR)


@pytest.fixture
def author(now) -> tuple[User, Claim]:
    claim = claim_at(S.UNDER_REVIEW, now=now)
    claim.created_by.location_roles.all().delete()
    return hired(claim.created_by), claim


def outcome(client: Client, claim: Claim, action: str) -> int:
    facts = {"comment": "Because of the report.", "revision": Claim.objects.get(pk=claim.pk).revision}
    return client.post(reverse("admin:claims_claim_decision", args=[claim.pk, action]), facts).status_code


def refused(person: User, claim: Claim, client: Client) -> None:
    """Every decision is refused with the reason, and changes nothing; the page offers none."""
    before, shown = kept(claim), client.get(reverse("admin:claims_claim_change", args=[claim.pk]))

    assert {action: outcome(client, claim, action) for action in decisions.VERBS} == dict.fromkeys(
        decisions.VERBS, 403
    )
    assert kept(claim) == before
    assert f"You are tied to {claim.partner}" in shown.content.decode()
    assert "/decision/" not in shown.content.decode()


def test_whoever_is_tied_decides_nothing(tied, signed_in):
    refused(*tied, signed_in(tied[0]))


def test_whoever_created_a_claim_does_not_approve_it(author, signed_in):
    refused(*author, signed_in(author[0]))


def test_the_same_person_decides_the_claims_of_others(tied, now, signed_in):
    other = claim_at(S.UNDER_REVIEW, now=now)

    assert decisions.tie(tied[0], other) == ""
    assert outcome(signed_in(tied[0]), other, "approve") == 302
    assert Claim.objects.get(pk=other.pk).status == S.APPROVED


def test_control_without_the_rule_the_tied_reviewer_approves(tied, signed_in, monkeypatch):
    person, claim = tied
    monkeypatch.setattr(decisions, "tie", lambda user, claim: "")

    assert outcome(signed_in(person), claim, "approve") == 302
    assert Claim.objects.get(pk=claim.pk).status == S.APPROVED


@pytest.mark.parametrize("taken", ["took_part", "belonged"])
def test_control_each_half_of_the_rule_is_needed(author, now, monkeypatch, taken):
    """The author has left no trace but the work itself; another has left none but a role."""
    claim = claim_at(S.UNDER_REVIEW, now=now)
    known = {"took_part": author, "belonged": (give_role(StaffFactory(), claim.location), claim)}
    assert decisions.tie(*known[taken])
    monkeypatch.setattr(decisions, taken, lambda *_: False)

    assert decisions.tie(*known[taken]) == ""


def test_nobody_but_the_desk_calls_the_verbs_of_reviewers():
    """So that no other door leads past the rule; demo data walk claims to their statuses by hand."""
    call = re.compile(rf"(?<!def )\b({'|'.join(decisions.VERBS)})\(")
    root = Path(reviews.__file__).parent.parent
    apps = ("claims", "consent", "engagements", "incentives", "mail", "reviews", "surveys")
    callers = {
        str(path.relative_to(root))
        for app in apps
        for path in (root / app).rglob("*.py")
        if call.search(path.read_text())
    }

    assert callers == {"incentives/management/walk.py"}
    assert call.search("    lifecycle.approve(claim, by=by, now=now)")


def test_staff_belong_to_no_partner(now, location):
    """The database refuses it from either side, also to raw SQL."""
    reviewer, person = StaffFactory(), UserFactory(partner=location.partner)

    for sql, values in (
        ("UPDATE incentives_user SET partner_id = %s WHERE id = %s", [location.partner_id, reviewer.pk]),
        ("UPDATE incentives_user SET vendor_role = 'reviewer' WHERE id = %s", [person.pk]),
    ):
        with pytest.raises(DatabaseError, match="staff_belong_to_no_partner"):
            execute(sql, values)
    with pytest.raises(DatabaseError, match="staff_belong_to_no_partner"), transaction.atomic():
        StaffFactory(partner=location.partner)


def test_control_without_the_constraint_staff_can_belong_to_a_partner(location):
    execute("ALTER TABLE incentives_user DROP CONSTRAINT staff_belong_to_no_partner", [])

    assert StaffFactory(partner=location.partner).partner == location.partner


def execute(sql: str, values: list[object]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_a_role_that_stayed_behind_shows_staff_no_page_of_the_partner(now, signed_in):
    claim = claim_at(S.CONSENT_RECEIVED, now=now)
    person = give_role(UserFactory(partner=claim.partner), claim.location, role=LocationRole.Role.ADMIN)
    claims = f"/claims/{claim.pk}/"
    paths = [claims, f"{claims}history/", "/claims/", f"/incentives/payee/{claim.location_id}/"]
    before = [signed_in(person).get(path).status_code for path in paths]
    hired(person)

    after = [signed_in(person).get(path).status_code for path in paths]
    submitted = signed_in(person).post(f"{claims}submission/").status_code

    assert (before, after, submitted) == ([200] * 4, [404] * 4, 404)
    assert not AuditEntry.objects.exists()
