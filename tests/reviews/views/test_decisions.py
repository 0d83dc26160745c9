from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from claims import lifecycle
from claims.models import Claim, Comment
from claims.states import Party, Status
from claims.transitions import MOVES
from incentives.models import LedgerEntry, User
from mail.models import Message
from tests.browsers import Browser
from tests.factories import StaffFactory, claim_at

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ACTIONS = sorted({move.action for move in MOVES if move.by == Party.VENDOR})
UNDER_REVIEW = Status.UNDER_REVIEW


def kept(claim):
    """Everything that a refused decision must leave as it was."""
    fields = [field.name for field in Claim._meta.concrete_fields]
    row = Claim.objects.values(*fields).get(pk=claim.pk)
    return (
        row,
        claim.events.count(),
        claim.comments.count(),
        LedgerEntry.objects.count(),
        Message.objects.count(),
    )


@pytest.mark.parametrize(
    ("action", "code", "status"),
    [
        ("start_review", 403, UNDER_REVIEW),
        ("request_action", 302, Status.ACTION_REQUIRED),
        ("approve", 302, Status.APPROVED),
        ("reject", 422, UNDER_REVIEW),
        ("reject_finally", 302, Status.REJECTED_FINAL),
    ],
)
def test_decisions_about_a_dispute(desk, dispute, decide, action, code, status):
    claim = dispute()
    assert decide(desk, claim, action).status_code == code
    assert Claim.objects.get(pk=claim.pk).status == status


@pytest.mark.parametrize(
    "action", ["submit", "cancel", "expire", "give_consent", "yield_to_rival", "dispute", "save"]
)
def test_what_is_no_decision_of_a_reviewer_does_not_exist(desk, now, decide, action):
    claim = claim_at(UNDER_REVIEW, now=now)
    before = kept(claim)
    assert decide(desk, claim, action).status_code == 404
    assert kept(claim) == before


def test_after_the_review_clock_only_approve_and_reject_remain(desk, now, decide):
    claim = claim_at(UNDER_REVIEW, now=now, age=130 * DAY)
    response = decide(desk, claim, "request_action")
    assert response.status_code == 422
    assert "approve or reject the claim" in response.content.decode()
    assert Claim.objects.get(pk=claim.pk).status == UNDER_REVIEW
    assert decide(desk, claim, "reject").status_code == 302


@pytest.mark.parametrize("comment", ["", "   ", "\r\n"])
@pytest.mark.parametrize("action", ["request_action", "reject"])
def test_a_refusal_needs_a_comment(desk, now, decide, action, comment):
    claim = claim_at(UNDER_REVIEW, now=now)
    before = kept(claim)
    response = decide(desk, claim, action, comment=comment)
    assert response.status_code == 422
    assert "Write a comment first" in response.content.decode()
    assert kept(claim) == before


def test_the_comment_stands_in_the_conversation_as_the_vendors(desk, now, decide, reviewer):
    claim = claim_at(UNDER_REVIEW, now=now)
    decide(desk, claim, "reject", comment="The report lacks results.")
    comment = Comment.objects.get(claim=claim)
    assert (comment.text, comment.party, comment.author) == (
        "The report lacks results.",
        Party.VENDOR,
        reviewer,
    )


@pytest.mark.parametrize("comment", ["a" * 4001, "with a \0 in it"])
def test_a_comment_that_cannot_be_kept_is_refused_with_its_text(desk, now, decide, comment):
    claim = claim_at(UNDER_REVIEW, now=now)
    before = kept(claim)
    response = decide(desk, claim, "reject", comment=comment)
    assert response.status_code == 422
    assert response.context["decision_form"]["comment"].value() == comment
    assert kept(claim) == before


@pytest.mark.parametrize("revision", ["", "x", "-1", "1.5", "9" * 30, "\0", "٣"])
def test_a_decision_without_a_revision_is_refused(desk, now, decide, revision):
    claim = claim_at(UNDER_REVIEW, now=now)
    before = kept(claim)
    response = decide(desk, claim, "approve", revision=revision)
    assert response.status_code in {409, 422}
    assert response.context["revision"] == claim.revision
    assert kept(claim) == before


def test_a_decision_about_an_earlier_submission_is_refused_and_keeps_what_was_typed(
    desk, now, decide, reviewer
):
    """The status is the same again, so only the revision tells that another version was read (R08)."""
    claim = claim_at(UNDER_REVIEW, now=now)
    shown = claim.revision
    lifecycle.request_action(claim, by=reviewer, now=now, comment="A page is missing.")
    lifecycle.submit(claim, by=claim.created_by, now=now)
    lifecycle.start_review(claim, by=reviewer, now=now)
    before = kept(claim)

    response = decide(desk, claim, "reject", comment="I typed this.", revision=shown)

    assert response.status_code == 409
    page = response.content.decode()
    assert ("was changed meanwhile" in page, "I typed this." in page) == (True, True)
    assert kept(claim) == before
    assert decide(desk, claim, "reject", revision=response.context["revision"]).status_code == 302


def test_a_stale_form_that_lacks_its_comment_stays_stale(desk, now, decide):
    claim = claim_at(UNDER_REVIEW, now=now)
    response = decide(desk, claim, "reject", comment="", revision=claim.revision - 1)
    assert response.status_code == 422
    assert response.context["revision"] == claim.revision - 1


def test_approval_books_one_earning_and_the_partner_sees_it(desk, now, decide, signed_in):
    claim = claim_at(UNDER_REVIEW, now=now)
    partner = signed_in(claim.created_by)

    def earned():
        return partner.get(reverse("incentives:overview")).context["total_earned"]

    assert earned() == 0
    assert decide(desk, claim, "approve").status_code == 302
    assert decide(desk, claim, "approve").status_code == 403
    entry = LedgerEntry.objects.get(claim_number=claim.pk)
    assert (entry.kind, entry.amount_usd, entry.location) == ("earned", Decimal(5000), claim.location)
    assert earned() == 5000


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("request_action", "claim_action_required"),
        ("approve", "claim_approved"),
        ("reject", "claim_rejected"),
    ],
)
def test_the_partner_is_told(desk, now, decide, action, kind):
    claim = claim_at(UNDER_REVIEW, now=now)
    Claim.objects.filter(pk=claim.pk).update(partner_contact_email="other@partner.example")
    decide(desk, claim, action)
    told = Message.objects.filter(about=claim.pk, kind=kind).values_list("to", flat=True)
    assert sorted(told) == sorted(["other@partner.example", claim.created_by.email])


def test_a_decision_leads_back_to_the_queue_as_it_was_filtered(desk, now, decide, queue_url):
    claim = claim_at(Status.SUBMITTED, now=now)
    kept_filters = "?_changelist_filters=country%3DUS%26p%3D2"

    def send(action):
        claim.refresh_from_db()
        address = reverse("admin:claims_claim_decision", args=[claim.pk, action]) + kept_filters
        return desk.post(address, {"revision": claim.revision}).url

    assert send("start_review") == reverse("admin:claims_claim_change", args=[claim.pk]) + kept_filters
    back = send("approve")
    assert back == f"{queue_url}?country=US&p=2"
    assert f"Claim {claim.pk} is approved." in desk.get(back, follow=True).content.decode()


@pytest.mark.parametrize(
    "filters", ["//evil.example", "https://evil.example/", "\r\nSet-Cookie: a=b", "%0d%0a", "&&=&"]
)
def test_the_way_back_never_leaves_the_desk(desk, now, queue_url, filters):
    claim = claim_at(UNDER_REVIEW, now=now)
    address = reverse("admin:claims_claim_decision", args=[claim.pk, "approve"])
    claim.refresh_from_db()
    response = desk.post(address, {"revision": claim.revision}, query_params={"_changelist_filters": filters})
    assert response.status_code == 302
    assert response.url.startswith(queue_url)


@pytest.mark.parametrize("role", User.VendorRole)
def test_only_reviewers_and_leads_decide(signed_in, now, decide, role):
    claim = claim_at(UNDER_REVIEW, now=now)
    may = role in {User.VendorRole.REVIEWER, User.VendorRole.LEAD}
    assert decide(signed_in(StaffFactory(vendor_role=role)), claim, "approve").status_code == (
        302 if may else 403
    )
    assert Claim.objects.get(pk=claim.pk).status == (Status.APPROVED if may else UNDER_REVIEW)


def test_a_decision_is_posted_with_its_token(reviewer, now):
    claim = claim_at(UNDER_REVIEW, now=now)
    client = Browser(enforce_csrf_checks=True)
    client.force_login(reviewer)
    address = reverse("admin:claims_claim_decision", args=[claim.pk, "approve"])
    assert client.post(address, {"revision": claim.revision}).status_code == 403
    assert client.get(address).status_code == 405


def test_what_was_typed_for_a_decision_that_came_too_late_waits_in_the_comment_form(
    desk, now, decide, reviewer
):
    claim = claim_at(UNDER_REVIEW, now=now)
    shown = claim.revision
    lifecycle.approve(claim, by=reviewer, now=now)
    response = decide(desk, claim, "reject", comment="I typed this.", revision=shown)
    assert response.status_code == 409
    assert response.context["decisions"] == []
    assert response.context["comment_form"]["text"].value() == "I typed this."
