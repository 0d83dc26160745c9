from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims import attention
from claims.states import Status
from incentives.models import Enrolment, LocationRole, PayeeProfile
from incentives.models.payee import Part
from mail.models import Message
from tests.factories import EngagementFactory, LocationFactory, UserFactory, claim_at, forget, give_role
from tests.pages import links, table, words

pytestmark = pytest.mark.django_db
PAGE = "/engagements/attention/"
DAY = timedelta(days=1)


@pytest.fixture
def client(signed_in, partner_user):
    return signed_in(partner_user)


@pytest.fixture
def some(location, now):
    """A claim of this location in a status, so many days old."""
    return lambda status, days=3.0: claim_at(status, now=now, age=days * DAY, location=location)


@pytest.mark.parametrize(
    ("status", "days", "matter"),
    [
        ("customer_claimed", 3, "consent"),
        ("customer_claimed", 29, "consent"),
        ("customer_claimed", 31, None),
        ("awaiting_consent", 15.9, None),
        ("awaiting_consent", 16.1, "deadline"),
        ("awaiting_consent", 30.1, None),
        ("consent_received", 75, None),
        ("consent_received", 80, "deadline"),
        ("submitted", 119, None),
        ("under_review", 119, None),
        ("action_required", 3, "action"),
        ("action_required", 119, "action"),
        ("action_required", 121, None),
        ("rejected", 3, "dispute"),
        ("rejected", 33, None),
        ("disputed", 3, None),
        ("disputed", 20, "deadline"),
        ("approved", 3, None),
        ("rejected_final", 3, None),
        ("cancelled", 3, None),
        ("consent_declined", 3, None),
    ],
)
def test_each_claim_is_told_once_under_the_matter_that_fits(some, partner_user, now, status, days, matter):
    some(status, days)

    numbers = attention.counts(partner_user, now=now)

    assert {key: count for key, count in numbers.items() if count} == ({matter: 1} if matter else {})


@pytest.mark.parametrize(
    ("status", "days", "matter"),
    [
        ("awaiting_consent", 3, "unreached"),
        ("awaiting_consent", 20, "unreached"),
        ("awaiting_consent", 30.1, None),
        ("consent_received", 3, None),
        ("consent_received", 80, "deadline"),
    ],
)
def test_a_request_for_consent_that_reached_nobody_is_told_while_its_claim_waits(
    some, partner_user, client, now, status, days, matter
):
    claim = some(status, days)
    Message.objects.filter(about=claim.pk, kind="consent_request").update(state="failed")

    numbers = attention.counts(partner_user, now=now)

    assert {key: count for key, count in numbers.items() if count} == ({matter: 1} if matter else {})
    assert f"Attention required ({1 if matter else 0})" in words(client.get("/engagements/"))
    if matter == "unreached":
        assert [row[0] for row in table(client.get(PAGE))] == [f"{claim.pk} A claim"]
        assert [row[0] for row in table(client.get(f"{PAGE}?matter=unreached"))] == [f"{claim.pk} A claim"]


def test_only_the_newest_request_counts_and_only_requests_do(some, partner_user, now):
    again, reminded = some("awaiting_consent"), some("awaiting_consent")
    for claim, newer in (
        (again, {"kind": "consent_request"}),
        (reminded, {"kind": "reminder", "state": "failed"}),
    ):
        message = Message.objects.get(about=claim.pk, kind="consent_request")
        if claim is again:
            Message.objects.filter(pk=message.pk).update(state="failed")
        message.pk, message.message_id = None, f"<{claim.pk}@x>"
        Message(**{f.attname: getattr(message, f.attname) for f in Message._meta.fields} | newer).save()

    assert attention.counts(partner_user, now=now)["unreached"] == 0


def test_requests_of_other_locations_that_reached_nobody_are_not_told(stranger, some, now):
    some("awaiting_consent")
    Message.objects.update(state="failed")

    assert attention.counts(stranger, now=now)["unreached"] == 0


def test_expired_claims_need_no_attention(partner_user, location, now):
    for status in Status:
        if "expired" in status:
            claim_at(status, now=now, location=location)

    assert sum(attention.counts(partner_user, now=now).values()) == 0


def test_only_incentive_admins_are_told_about_enrolment_and_payee_profiles(partner_user, location, now):
    admin = give_role(UserFactory(partner=location.partner), location, role=LocationRole.Role.ADMIN)
    invited, asked, gone, unpaid, bare = (LocationFactory(partner=location.partner) for _n in range(5))
    for place, status in ((invited, "invited"), (asked, "action_required"), (gone, "discontinued")):
        Enrolment.objects.filter(location=place).update(status=status)
    forget(Part.BANK, unpaid)
    forget(Part.BANK, invited)
    PayeeProfile.objects.filter(location=bare).delete()
    give_role(admin, invited, asked, gone, unpaid, bare, role=LocationRole.Role.ADMIN)
    give_role(partner_user, invited, asked, gone, unpaid, bare)

    told = attention.counts(admin, now=now)

    assert (told["enrol"], told["payee"]) == (2, 2)
    assert set(attention.entries("enrol", admin, now=now)) == {invited, asked}
    assert set(attention.entries("payee", admin, now=now)) == {unpaid, bare}
    assert sum(attention.counts(partner_user, now=now).values()) == 0


def test_tax_details_that_have_expired_need_attention_on_that_day(location, now):
    admin = give_role(UserFactory(partner=location.partner), location, role=LocationRole.Role.ADMIN)
    PayeeProfile.objects.update(tax_expires_on=now.date())

    told = {days: attention.counts(admin, now=now + timedelta(days=days))["payee"] for days in (-1, 0, 1)}

    assert told == {-1: 0, 0: 1, 1: 1}
    assert [*attention.entries("payee", admin, now=now)] == [location]


def test_nothing_of_other_locations_is_told(stranger, some, now):
    some("action_required")

    assert sum(attention.counts(stranger, now=now).values()) == 0


def test_the_page_lists_every_matter_with_its_link(client, some, partner_user, location):
    acted, new = some("action_required"), some("customer_claimed")
    place = LocationFactory(partner=location.partner, enrolled=False)
    give_role(partner_user, place, role=LocationRole.Role.ADMIN)

    response = client.get(PAGE)

    assert "Attention required (3)" in words(response)
    assert "Attention required (3)" in words(client.get("/engagements/"))
    assert [row[0] for row in table(response)] == [f"{acted.pk} A claim", f"{new.pk} A claim", str(place)]
    assert links(response) == [
        [f"/claims/{acted.pk}/", f"/claims/{acted.pk}/"],
        [f"/claims/{new.pk}/", f"/claims/{new.pk}/consent-request/contacts/"],
        [f"/incentives/enrolments/{place.pk}/"],
    ]


def test_one_matter_is_shown_page_by_page(client, location, now):
    for days in range(26):
        claim_at("customer_claimed", now=now, age=days * DAY, location=location)

    assert len(table(client.get(PAGE))) == 10
    assert "Show all 26: Consent not requested" in words(client.get(PAGE))
    first, second = (table(client.get(f"{PAGE}?matter=consent&page={n}")) for n in (1, 2))
    assert (len(first), len(second)) == (25, 1)
    assert "Attention required (26)" in words(client.get(f"{PAGE}?matter=consent"))


def test_nothing_to_do_is_said(client):
    assert "Nothing needs your attention" in words(client.get(PAGE))


@pytest.mark.parametrize("query", ["matter=x", "matter=consent&page=2", "matter=consent&page=a"])
def test_strange_addresses_are_not_found(client, query):
    assert client.get(f"{PAGE}?{query}").status_code == 404


def test_queries_do_not_grow_with_what_there_is_to_do(client, location, partner_user, now):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(PAGE).status_code == 200
        return len(seen)

    def more(times: int) -> None:
        for _n in range(times):
            engagement = EngagementFactory()
            for status in ("action_required", "customer_claimed", "rejected", "awaiting_consent"):
                claim_at(status, now=now, location=location, engagement=engagement)
            Message.objects.update(state="failed")
            give_role(
                partner_user,
                LocationFactory(partner=location.partner, enrolled=False),
                role="incentive_admin",
            )

    more(1)
    few = queries()
    more(9)

    assert queries() == few
