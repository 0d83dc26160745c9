"""The first submission keeps the version of each POE template in effect; nothing changes it afterwards (DL-7)."""

from datetime import timedelta

import pgtrigger
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims import documents, lifecycle, poe_templates
from claims.models import Claim
from claims.states import Status as S
from incentives.management.walk import DEEDS, sheet
from tests.factories import (
    EngagementFactory,
    StaffFactory,
    UserFactory,
    a_file,
    claim_at,
    make_customer,
    make_version,
)
from tests.pages import words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def workshop(now):
    """Its template is in its first version since long ago."""
    workshop = EngagementFactory()
    workshop.template = make_version(workshop, now=now - 300 * DAY)
    return workshop


@pytest.fixture
def facts(workshop, location, partner_user, now):
    return {"now": now, "engagement": workshop, "location": location, "by": partner_user}


@pytest.fixture
def client(partner_user, signed_in):
    return signed_in(partner_user)


def kept(claim: Claim) -> dict[str, int | None]:
    """The number of the version that is kept for each slot."""
    return dict(claim.slots.values_list("code", "template__number"))


def page(client, claim: Claim) -> str:
    return words(client.get(reverse("claims:detail", args=[claim.pk])))


def submit(claim: Claim, now) -> None:
    lifecycle.submit(Claim.objects.get(pk=claim.pk), by=claim.created_by, now=now)


# --- the law ---


def test_nothing_is_kept_before_the_first_submission(facts):
    assert kept(claim_at(S.CONSENT_RECEIVED, **facts)) == {"invoice": None, "poe": None}


def test_the_first_submission_keeps_the_version_in_effect(facts, workshop, now):
    claim = claim_at(S.CONSENT_RECEIVED, **facts)
    make_version(workshop, now=now - DAY)
    make_version(workshop, now=now, effective_on=(now + DAY).date())
    DEEDS["prove"](claim, StaffFactory(), now)

    submit(claim, now)

    assert kept(claim) == {"invoice": None, "poe": 2}


@pytest.mark.parametrize("status", [S.ACTION_REQUIRED, S.DISPUTED])
def test_a_later_submission_keeps_what_the_first_one_kept(status, facts, workshop, now):
    claim = claim_at(status, **facts)
    make_version(workshop, now=now)

    submit(claim, now)

    assert kept(claim) == {"invoice": None, "poe": 1}


def test_where_there_was_no_template_none_ever_counts(now, location, partner_user, client):
    claim = claim_at(S.ACTION_REQUIRED, now=now, location=location, by=partner_user)
    make_version(claim.engagement, now=now)

    submit(claim, now)

    assert kept(claim) == {"invoice": None, "poe": None}
    assert "Template version" not in page(client, claim)


def test_the_disclosure_of_the_public_sector_has_a_template_of_its_own(facts, workshop, now):
    make_version(workshop, slot="psd", now=now - 200 * DAY)
    claim = claim_at(S.SUBMITTED, customer=make_customer(sector="public"), **facts)

    assert kept(claim) == {"invoice": None, "poe": 1, "psd": 1}


def test_control_without_keeping_it_the_newest_version_would_count(facts, workshop, now, monkeypatch):
    monkeypatch.setattr(poe_templates, "keep", lambda claim, *, now: None)

    assert kept(claim_at(S.SUBMITTED, **facts)) == {"invoice": None, "poe": None}


def test_the_version_is_kept_with_the_submission_or_not_at_all(facts, now, monkeypatch):
    claim = claim_at(S.CONSENT_RECEIVED, **facts)
    DEEDS["prove"](claim, StaffFactory(), now)

    def broken(claim, *, now):
        raise DatabaseError

    monkeypatch.setattr(poe_templates, "keep", broken)
    with pytest.raises(DatabaseError):
        submit(claim, now)

    claim.refresh_from_db()
    assert (claim.status, claim.first_submitted_at) == (S.CONSENT_RECEIVED, None)


def rewrite(claim: Claim, version) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE claims_slot SET template_id = %s WHERE claim_id = %s AND code = 'poe'",
            [version, claim.pk],
        )
        return cursor.rowcount


def test_the_database_lets_nobody_change_what_counts(facts, workshop, now):
    claim, newer = claim_at(S.SUBMITTED, **facts), make_version(workshop, now=now)

    for version in (newer.pk, None):
        with pytest.raises(DatabaseError, match="Cannot update rows from claims_slot"):
            rewrite(claim, version)
    with pgtrigger.ignore("claims.Slot:a_template_counts_for_good"):
        assert rewrite(claim, newer.pk) == 1


# --- what the partner sees ---


def test_before_the_submission_the_page_offers_the_version_in_effect_and_the_next(
    facts, workshop, now, client
):
    claim = claim_at(S.CONSENT_RECEIVED, **facts)
    make_version(workshop, now=now, effective_on=(now + 40 * DAY).date())

    text = page(client, claim)

    assert "Download template" in text
    assert f"Template version 1 of {now - 300 * DAY:%b} {(now - 300 * DAY).day}, " in text
    assert "version 2 counts for claims that are submitted for the first time" in text
    assert "was uploaded before" not in text


def test_a_file_from_before_the_version_in_effect_is_pointed_out(facts, workshop, now, client):
    claim = claim_at(S.CONSENT_RECEIVED, **facts)
    file, slot = SimpleUploadedFile("proof.pdf", sheet("Proof")), claim.slots.get(code="poe")
    documents.add(claim, slot, [file], by=claim.created_by, now=now - DAY)
    assert "was uploaded before" not in page(client, claim)

    make_version(workshop, now=now - DAY / 2, changes="Asks for two screenshots.")

    text = page(client, claim)
    assert "A file here was uploaded before template version 2 took effect" in text
    assert "What is new: Asks for two screenshots." in text


def test_a_file_uploaded_since_is_not_pointed_out(facts, workshop, now, client):
    claim = claim_at(S.CONSENT_RECEIVED, **facts)
    make_version(workshop, now=now - DAY)
    documents.add(claim, claim.slots.get(code="poe"), [a_file()], by=claim.created_by, now=now)

    assert "was uploaded before" not in page(client, claim)


def test_after_the_submission_the_page_names_the_version_that_counts(facts, workshop, now, client):
    claim = claim_at(S.ACTION_REQUIRED, **facts)
    make_version(workshop, now=now)

    text = page(client, claim)

    assert "Template version 1 of" in text
    assert "in effect at the first submission, counts for this claim" in text
    assert "Version 2, published since, does not change that" in text
    assert "was uploaded before" not in text


@pytest.mark.parametrize("status", [S.CANCELLED, S.CONSENT_EXPIRED, S.NOT_SUBMITTED_EXPIRED])
def test_a_claim_that_ended_without_a_submission_names_no_version(status, facts, client):
    assert "Template version" not in page(client, claim_at(status, **facts))


def download(client, claim: Claim, version, **headers: str):
    return client.get(reverse("claims:template", args=[claim.pk, version.pk]), headers=headers)


def test_the_version_that_counts_is_handed_out_though_it_is_no_longer_current(facts, workshop, now, client):
    claim, newer = claim_at(S.ACTION_REQUIRED, **facts), make_version(workshop, now=now)
    engagement = reverse("engagements:material", args=[workshop.code, workshop.template.pk])

    counting = download(client, claim, workshop.template)

    with workshop.template.file.open("rb") as file:
        assert b"".join(counting.streaming_content) == file.read()
    assert counting["Content-Disposition"].startswith("attachment; filename=")
    assert counting["X-Content-Type-Options"] == "nosniff"
    assert counting["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert download(client, claim, newer).status_code == 200
    assert client.get(engagement).status_code == 404


def test_a_claim_hands_out_no_version_that_its_page_does_not_name(facts, workshop, now, client):
    claim = claim_at(S.CONSENT_RECEIVED, **facts)
    foreign = make_version(EngagementFactory(), now=now)
    guide = make_version(workshop, title="Delivery guide", now=now)
    make_version(workshop, now=now)

    answers = [download(client, claim, version) for version in (foreign, guide, workshop.template)]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_templates_of_claims_one_may_not_see_do_not_exist(facts, workshop, location, signed_in):
    claim = claim_at(S.SUBMITTED, **facts)
    colleague = UserFactory(partner=location.partner)
    stranger = claim_at(S.SUBMITTED, now=facts["now"]).created_by
    ways = ({}, {"Range": "bytes=0-9"}, {"If-None-Match": "*"})

    for outsider in (colleague, stranger):
        browser = signed_in(outsider)
        address = reverse("claims:template", args=[claim.pk, workshop.template.pk])
        assert [browser.get(address, headers=way).status_code for way in ways] == [404] * 3
        assert browser.head(address).status_code == 404


def test_the_page_needs_as_many_queries_for_many_versions_as_for_one(facts, workshop, now, client):
    claim = claim_at(S.CONSENT_RECEIVED, **facts)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            page(client, claim)
        return len(seen)

    few = queries()
    make_version(workshop, slot="psd", now=now)
    for _version in range(5):
        make_version(workshop, now=now)

    assert queries() == few


# --- what the reviewer sees ---


@pytest.fixture
def desk(reviewer, signed_in):
    return signed_in(reviewer)


def test_the_reviewer_opens_the_version_that_counted_though_it_is_no_longer_current(
    facts, workshop, now, desk
):
    claim = claim_at(S.UNDER_REVIEW, **facts)
    newer = make_version(workshop, now=now)

    review = desk.get(reverse("admin:claims_claim_change", args=[claim.pk]))
    answer = desk.get(reverse("admin:claims_claim_template", args=[claim.pk, workshop.template.pk]))

    text = words(review)
    assert "counted at the first submission." in text
    assert "No longer current" in text
    assert f"version {newer.number} since" in text
    with workshop.template.file.open("rb") as file:
        assert b"".join(answer.streaming_content) == file.read()
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_the_reviewer_of_a_claim_under_the_current_version_is_not_told_of_another(facts, desk):
    claim = claim_at(S.UNDER_REVIEW, **facts)

    assert "No longer current" not in words(desk.get(reverse("admin:claims_claim_change", args=[claim.pk])))


def test_a_claim_hands_out_no_other_version_at_the_desk(facts, now, desk):
    claim = claim_at(S.UNDER_REVIEW, **facts)
    foreign = make_version(EngagementFactory(), now=now)

    address = reverse("admin:claims_claim_template", args=[claim.pk, foreign.pk])
    assert desk.get(address).status_code == 404
