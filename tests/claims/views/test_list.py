from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims.states import Status as S
from mail.models import Message
from tests.factories import (
    EngagementFactory,
    LocationFactory,
    UserFactory,
    claim_at,
    give_role,
    make_claim,
    make_customer,
)
from tests.pages import table

pytestmark = pytest.mark.django_db
URL = "/claims/"


def numbers(response) -> list[int]:
    return [claim.pk for claim in response.context["page"].object_list]


def test_only_claims_of_locations_with_a_role_are_listed(now, location, partner_user, signed_in):
    mine = make_claim(now=now, location=location)
    sister = LocationFactory(partner=location.partner)
    make_claim(now=now, location=sister)
    make_claim(now=now)
    assert numbers(signed_in(partner_user).get(URL)) == [mine.pk]


def test_a_person_without_a_role_is_told_which_and_whom_to_ask(location, signed_in):
    page = signed_in(UserFactory(partner=location.partner)).get(URL).content.decode()
    assert "Incentive Admin" in page


@pytest.mark.parametrize("rows", [26, 40])
def test_the_number_of_queries_does_not_grow_with_the_claims(now, location, partner_user, signed_in, rows):
    engagement = EngagementFactory()
    for _ in range(rows):
        make_claim(now=now, location=location, engagement=engagement)
    client = signed_in(partner_user)
    client.get(URL)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(URL)
    assert len(queries) == 13


def test_a_request_that_reached_nobody_is_told_beside_the_status(now, location, partner_user, signed_in):
    def waiting(status: str, state: str) -> int:
        claim = claim_at(status, now=now, location=location)
        Message.objects.filter(about=claim.pk).update(state=state)
        return claim.pk

    reached, lost = waiting("awaiting_consent", "sent"), waiting("awaiting_consent", "failed")
    answered, late = waiting("consent_received", "failed"), waiting("consent_expired", "failed")

    page = signed_in(partner_user).get(URL, {"show": ["id", "status"]})

    assert {int(row[0]): row[1] for row in table(page)} == {
        reached: "Awaiting customer consent",
        lost: "Awaiting customer consent Email not delivered",
        answered: "Customer consent received",
        late: "Customer consent expired",
    }


@pytest.mark.parametrize("rows", [2, 9])
def test_no_further_query_finds_all_that_reached_nobody(now, location, partner_user, signed_in, rows):
    for _ in range(rows):
        claim_at("awaiting_consent", now=now, location=location)
    Message.objects.update(state="failed")
    client = signed_in(partner_user)
    client.get(URL)

    with CaptureQueriesContext(connection) as queries:
        page = client.get(URL)

    assert (len(queries), page.content.decode().count("Email not delivered")) == (12, rows)


def test_an_overdue_claim_is_shown_and_found_as_expired_before_any_job_has_run(
    now, location, partner_user, signed_in
):
    claim = make_claim(now=now - timedelta(days=31), location=location)
    client = signed_in(partner_user)
    assert numbers(client.get(URL, {"status": S.CONSENT_EXPIRED})) == [claim.pk]
    assert numbers(client.get(URL, {"status": S.CUSTOMER_CLAIMED})) == []
    page = client.get(reverse("claims:detail", args=[claim.pk])).content.decode()
    assert "Customer consent expired" in page
    assert "Send email for customer consent" not in page


@pytest.mark.parametrize("words", ["Zürich", "zurich", "ZURI fron", "only-this.exam", "only-this.example"])
def test_search_finds_by_the_beginning_of_a_word_without_accents(
    now, location, partner_user, signed_in, words
):
    customer = make_customer("domain")
    customer.value = "only-this.example"
    customer.save()
    claim = make_claim(now=now, location=location, name="Zürich frontline", customer=customer)
    make_claim(now=now, location=location, name="Another")
    assert numbers(signed_in(partner_user).get(URL, {"search": words})) == [claim.pk]


@pytest.mark.parametrize("words", ["'", "\\", "a & b | !c", "::*", "(", "%", "&", "' OR 1=1 --"])
def test_search_takes_any_characters(now, location, partner_user, signed_in, words):
    make_claim(now=now, location=location)
    assert signed_in(partner_user).get(URL, {"search": words}).status_code == 200


def test_search_finds_a_claim_by_its_number(now, location, partner_user, signed_in):
    claim = make_claim(now=now, location=location)
    make_claim(now=now, location=location)
    assert numbers(signed_in(partner_user).get(URL, {"search": str(claim.pk)})) == [claim.pk]


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "draft"},
        {"sort": "password"},
        {"sort": "created_by__password"},
        {"range": "9y"},
        {"location": "x"},
        {"engagement": "no"},
        {"payout": "gold"},
        {"show": "password"},
        {"show": "action"},
    ],
)
def test_an_address_that_asks_for_nonsense_says_so(partner_user, signed_in, wrong):
    answer = signed_in(partner_user).get(URL, wrong)
    assert answer.status_code == 422
    assert "Clear all" in answer.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "2", "x", "1e9", "9" * 30])
def test_a_page_that_does_not_exist_is_not_found(now, location, partner_user, signed_in, page):
    make_claim(now=now, location=location)
    assert signed_in(partner_user).get(URL, {"page": page}).status_code == 404


def test_htmx_gets_the_list_alone_from_the_same_template(now, location, partner_user, signed_in):
    make_claim(now=now, location=location)
    client = signed_in(partner_user)
    part = client.get(URL, headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<section class="list" id="claims"')
    assert "<html" not in part


def test_another_companys_engagements_are_no_filter_value(now, location, partner_user, signed_in):
    mine, theirs = make_claim(now=now, location=location), make_claim(now=now)
    page = signed_in(partner_user).get(URL).content.decode()
    assert mine.engagement.name in page
    assert theirs.engagement.name not in page


def test_two_roles_for_one_location_list_a_claim_once(now, location, partner_user, signed_in):
    give_role(partner_user, location, role="incentive_admin")
    claim = make_claim(now=now, location=location)
    assert numbers(signed_in(partner_user).get(URL)) == [claim.pk]
