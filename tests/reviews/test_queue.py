from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims import deadlines, lifecycle
from claims.models import Claim, Organization
from claims.states import Status
from reviews import queue
from tests.factories import EngagementFactory, LocationFactory, claim_at, make_customer

DAY = timedelta(days=1)


def rows(response):
    return [claim.pk for claim in response.context["cl"].result_list]


def test_the_deadlines_in_sql_are_those_of_the_law(now, dispute):
    for status in Status:
        claim_at(status, now=now)
    dispute()
    found = queue.claims(now)
    assert {c.pk: c.review_deadline for c in found} == {
        c.pk: deadlines.review_deadline(c) for c in Claim.objects.all()
    }
    assert {c.pk: c.answer_by for c in found} == {c.pk: queue.answer_by(c) for c in Claim.objects.all()}


def test_a_dispute_is_to_be_answered_five_days_after_it_came_in(now, dispute):
    claim = dispute()
    assert queue.answer_by(claim) == claim.dispute_submitted_at + 5 * DAY
    assert queue.answer_by(claim_at(Status.UNDER_REVIEW, now=now)) is None


def test_a_dispute_submitted_again_is_to_be_answered_anew(now, dispute, reviewer):
    claim = dispute()
    lifecycle.request_action(claim, by=reviewer, now=now - timedelta(hours=5), comment="One page is missing.")
    assert queue.answer_by(claim) is None
    again = lifecycle.submit(claim, by=claim.created_by, now=now - timedelta(hours=1))
    assert queue.answer_by(again) == again.submitted_at + 5 * DAY


def test_the_queue_lists_what_waits_the_earliest_deadline_first(desk, now, dispute, queue_url):
    young = claim_at(Status.SUBMITTED, now=now, age=10 * DAY)
    pressing = claim_at(Status.UNDER_REVIEW, now=now, age=119 * DAY)
    passed = claim_at(Status.SUBMITTED, now=now, age=150 * DAY)
    middling = claim_at(Status.SUBMITTED, now=now, age=105 * DAY)
    disputed = dispute()
    for status in set(Status) - {Status.SUBMITTED, Status.UNDER_REVIEW}:
        claim_at(status, now=now)

    response = desk.get(queue_url)

    assert rows(response) == [passed.pk, pressing.pk, disputed.pk, middling.pk, young.pk]
    assert response.content.decode().count('class="mark">Dispute<') == 1


def test_other_statuses_are_reached_through_the_filter(desk, now, queue_url):
    made = {status: claim_at(status, now=now).pk for status in Status}
    assert sorted(rows(desk.get(queue_url, {"status": "all"}))) == sorted(made.values())
    for status, pk in made.items():
        assert rows(desk.get(queue_url, {"status": status})) == [pk]


def test_a_claim_past_its_deadline_is_listed_as_expired_before_any_job_has_run(desk, now, queue_url):
    claim = claim_at(Status.CONSENT_RECEIVED, now=now, age=120 * DAY)
    assert rows(desk.get(queue_url, {"status": Status.NOT_SUBMITTED_EXPIRED})) == [claim.pk]
    assert rows(desk.get(queue_url, {"status": Status.CONSENT_RECEIVED})) == []


def test_filters(desk, now, dispute, queue_url):
    engagement, hungary = EngagementFactory(), LocationFactory(country="HU")
    one = claim_at(Status.SUBMITTED, now=now, engagement=engagement, location=hungary)
    two = dispute()

    def found(**chosen):
        return rows(desk.get(queue_url, chosen))

    assert found(engagement=engagement.code) == [one.pk]
    assert found(country="HU") == [one.pk]
    assert (found(dispute="yes"), found(dispute="no")) == ([two.pk], [one.pk])
    assert sorted(found(area=engagement.solution_area_id)) == sorted([one.pk, two.pk])
    assert found(engagement=engagement.code, dispute="yes") == []


@pytest.mark.parametrize(
    "words",
    [
        "{pk}",
        "contoso",
        "CONTOSO ltd",
        "contoso.example",
        "contoso.ex",
        "{number}",
        "Sao",
        "São Paulo Partner",
    ],
)
def test_search_finds_by_claim_id_customer_and_partner(desk, now, queue_url, words):
    organization = Organization.objects.create(code="contoso", name="Contoso Ltd", country="US")
    customer = make_customer("domain", organization=organization)
    customer.value = "contoso.example"
    customer.save()
    location = LocationFactory(name="São Paulo Partner")
    wanted = claim_at(Status.SUBMITTED, now=now, customer=customer, location=location)
    claim_at(Status.SUBMITTED, now=now)

    search = words.format(pk=wanted.pk, number=location.partner_number)
    assert rows(desk.get(queue_url, {"q": search})) == [wanted.pk]


@pytest.mark.parametrize(
    "query",
    [
        "q=%27", "q=%5C", "q=%27%29%3A%2A", "q=%26+%7C+%21", "q=99999999999999999999999", "q=%E2%98%83",
        "q=" + "a" * 5000, "status=nonsense", "engagement=%27", "country=XX", "area=9", "dispute=maybe",
        "p=0", "p=abc", "p=999", "o=99", "o=-x", "foo=bar", "id__in=x", "all=", "status=all&q=a&o=-9.8",
        "_changelist_filters=%FF",
    ],
)  # fmt: skip
def test_strange_addresses_are_no_error_of_ours(desk, now, queue_url, query):
    claim_at(Status.SUBMITTED, now=now)
    assert desk.get(f"{queue_url}?{query}", follow=True).status_code < 500


def test_a_nul_is_refused(desk, queue_url):
    assert desk.get(f"{queue_url}?q=%00").status_code == 400


def test_the_list_needs_as_many_queries_for_thirty_rows_as_for_one(desk, now, dispute, queue_url):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(queue_url).status_code == 200
        return len(captured)

    claim_at(Status.SUBMITTED, now=now)
    one = queries()
    for _ in range(28):
        claim_at(Status.SUBMITTED, now=now)
    dispute()
    assert (queries(), one <= 30) == (one, True)


def test_a_row_says_what_the_reviewer_needs(desk, now, queue_url):
    location = LocationFactory(name="FridayINC", city="Budapest", country="HU")
    claim = claim_at(Status.SUBMITTED, now=now, age=4 * DAY, location=location)
    page = desk.get(queue_url).content.decode()
    assert reverse("admin:claims_claim_change", args=[claim.pk]) in page
    wanted = (
        claim.engagement.name,
        claim.customer.organization.name,
        str(location),
        "Hungary",
        "$3,000.00",
        "3 days",
    )
    assert [words for words in wanted if words not in page] == []


def test_a_long_list_is_shown_as_far_as_it_is_counted_and_says_so(desk, now, queue_url, monkeypatch):
    monkeypatch.setattr("incentives.pages.BoundedPaginator.at_most", 4)
    monkeypatch.setattr("reviews.admin.ReviewQueue.list_per_page", 2)
    made = [claim_at(Status.APPROVED, now=now).pk for _ in range(4)]
    everything = {"status": "all"}
    assert "4 rows" in desk.get(queue_url, everything).content.decode()
    made.append(claim_at(Status.APPROVED, now=now).pk)

    page = desk.get(queue_url, everything | {"p": 2})

    assert rows(page) == made[2::-1][:2]
    assert "The first 4 rows. Narrow the list to see others." in page.content.decode()
    assert desk.get(queue_url, everything | {"p": 3}).status_code == 302
