"""The review page: what stands on it, for whom, and what its files and comments do."""

import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims import documents, lifecycle
from claims.models import Comment
from claims.states import Party, Status
from engagements.models import CannedComment
from incentives.management.walk import sheet
from tests.factories import EngagementFactory, StaffFactory, claim_at

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def url(claim):
    return reverse("admin:claims_claim_change", args=[claim.pk])


def text(response):
    return response.content.decode()


def test_the_page_says_what_was_agreed_and_with_whom(desk, now):
    claim = claim_at(Status.UNDER_REVIEW, now=now)
    claim.refresh_from_db()
    page = text(desk.get(url(claim)))
    wanted = (
        claim.engagement.name, claim.customer.value, claim.customer.organization.name, str(claim.location),
        claim.customer_contact_email, claim.partner_contact_email, "$5,000.00", "invoice-",
        "Set under review", "Customer consent approved",
    )  # fmt: skip
    assert [words for words in wanted if words not in page] == []


@pytest.mark.parametrize("number", [0, 1, 10**12, 10**40])
def test_a_claim_that_is_not_there(desk, number):
    assert desk.get(f"/desk/claims/claim/{number}/change/").status_code == 404


@pytest.mark.parametrize(
    ("age", "warning"),
    [(100, ""), (114, ""), (117, "Fewer than 5 days are left"), (130, "The review deadline has passed")],
)
def test_a_review_clock_that_runs_out_is_told(desk, now, age, warning):
    claim = claim_at(Status.UNDER_REVIEW, now=now, age=age * DAY)
    page = text(desk.get(url(claim)))
    assert [w for w in ("Fewer than 5 days are left", "The review deadline has passed") if w in page] == (
        [warning] if warning else []
    )


def test_a_disabled_decision_says_why(desk, now):
    claim = claim_at(Status.UNDER_REVIEW, now=now, age=130 * DAY)
    page = text(desk.get(url(claim)))
    assert 'disabled aria-describedby="why-request_action"' in page
    assert "so no action can be asked for: approve or reject the claim." in page
    assert 'aria-describedby="why-approve"' not in page


def test_other_claims_of_the_customer_and_of_the_partner(desk, now):
    claim = claim_at(Status.UNDER_REVIEW, now=now)
    of_partner = claim_at(Status.CANCELLED, now=now, location=claim.location, by=claim.created_by)
    of_customer = claim_at(Status.SUBMITTED, now=now, customer=claim.customer)
    claim_at(Status.SUBMITTED, now=now)
    context = desk.get(url(claim)).context
    assert [other.pk for other in context["of_customer"]] == [of_customer.pk]
    assert [other.pk for other in context["of_partner"]] == [of_partner.pk]


def test_the_page_needs_as_many_queries_for_much_as_for_little(desk, now, reviewer):
    def queries(claim):
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(url(claim)).status_code == 200
        return len(captured)

    little = claim_at(Status.UNDER_REVIEW, now=now)
    much = claim_at(Status.ACTION_REQUIRED, now=now, location=little.location, by=little.created_by)
    files = [SimpleUploadedFile(f"{n}.pdf", sheet(str(n)), "application/pdf") for n in range(10)]
    documents.add(much, much.slots.first(), files, by=much.created_by, now=now)
    lifecycle.submit(much, by=much.created_by, now=now)
    lifecycle.start_review(much, by=reviewer, now=now)
    for n in range(10):
        Comment.objects.create(claim=much, party=Party.PARTNER, author=much.created_by, text=f"{n}", at=now)
    for _ in range(6):
        claim_at(Status.SUBMITTED, now=now, customer=much.customer)
    first = queries(much)
    assert (first, first <= 30) == (queries(little), True)


# --- surveys ---


def test_a_reviewer_reads_the_answers_and_the_signature(desk, now, answered):
    claim = answered(claim_at(Status.UNDER_REVIEW, now=now))
    page = text(desk.get(url(claim)))
    wanted = (
        "Yes &amp; more", "A plan, A decision", "It went &lt;b&gt;well&lt;/b&gt;.",
        "Susie Jones", "Contoso Ltd", "IT manager",
        f"How was the {claim.engagement.name} of {claim.location.name}?",
    )  # fmt: skip
    assert [words for words in wanted if words not in page] == []


@pytest.mark.parametrize(("read", "says"), [({}, ""), ({"language": "fr"}, "read in Français")])
def test_a_reviewer_is_told_of_questions_that_were_read_in_another_language(desk, now, answered, read, says):
    page = text(desk.get(url(answered(claim_at(Status.UNDER_REVIEW, now=now), **read))))
    assert (says in page, page.count("read in ")) == (True, 1 if says else 0)


@pytest.mark.parametrize(("role", "reads"), [("reviewer", 1), ("lead", 1), ("support", 0), ("auditor", 1)])
def test_only_roles_with_the_right_read_answers(signed_in, now, answered, role, reads):
    claim = answered(claim_at(Status.UNDER_REVIEW, now=now))
    response = signed_in(StaffFactory(vendor_role=role)).get(url(claim))
    audiences = {survey.response.audience for survey in response.context["surveys"]}
    assert audiences == ({"customer", "partner"} if reads else set())
    assert text(response).count("Contoso Ltd") == reads


# --- documents ---


def file_url(claim, document):
    return reverse("admin:claims_claim_document", args=[claim.pk, document.pk])


def test_a_file_is_handed_out_as_a_sealed_attachment(desk, now):
    claim = claim_at(Status.UNDER_REVIEW, now=now)
    document = claim.documents.first()
    response = desk.get(file_url(claim, document))
    assert b"".join(response.streaming_content).startswith(b"%PDF-1.4")
    assert response["Content-Disposition"] == f'attachment; filename="{document.name}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_file_of_another_claim_is_not_there(desk, now):
    one, two = claim_at(Status.SUBMITTED, now=now), claim_at(Status.SUBMITTED, now=now)
    assert desk.get(file_url(one, two.documents.first())).status_code == 404
    assert desk.get(f"/desk/claims/claim/{one.pk}/documents/{10**40}/").status_code == 404


def test_a_file_that_the_storage_lost_is_not_there(desk, now):
    claim = claim_at(Status.SUBMITTED, now=now)
    document = claim.documents.first()
    document.file.storage.delete(document.file.name)
    assert desk.get(file_url(claim, document)).status_code == 404


def test_files_stay_closed_before_the_customers_consent(desk, now):
    claim = claim_at(Status.AWAITING_CONSENT, now=now)
    assert desk.get(f"/desk/claims/claim/{claim.pk}/documents/1/").status_code == 403


def test_a_file_that_was_submitted_and_taken_out_stays_for_audit_and_the_new_one_is_marked(
    desk, now, reviewer
):
    claim = claim_at(Status.ACTION_REQUIRED, now=now)
    slot, author = claim.slots.first(), claim.created_by
    old = claim.documents.get(slot=slot)
    mistake, new = (
        SimpleUploadedFile(f"{name}.pdf", sheet(name), "application/pdf") for name in ("mistake", "new")
    )
    documents.remove(claim, [old], by=author, now=now)
    (wrong,) = documents.add(claim, slot, [mistake], by=author, now=now)
    documents.remove(claim, [wrong], by=author, now=now)
    (right,) = documents.add(claim, slot, [new], by=author, now=now)
    lifecycle.submit(claim, by=author, now=now + timedelta(seconds=1))

    response = desk.get(url(claim))

    folder = response.context["folders"][0]
    assert [(file.document, file.new) for file in folder.files] == [(right, True)]
    assert folder.removed == [old]
    codes = {d.name: desk.get(file_url(claim, d)).status_code for d in (old, wrong, right)}
    assert codes == {old.name: 200, "mistake.pdf": 404, "new.pdf": 200}


# --- comments ---


def send(client, claim, comment, **more):
    return client.post(reverse("admin:claims_claim_comments", args=[claim.pk]), {"text": comment, **more})


def test_a_comment_form_is_saved_once(desk, now):
    claim, key = claim_at(Status.SUBMITTED, now=now), uuid.uuid4()
    assert [send(desk, claim, "Once", form_key=key).status_code for _ in range(3)] == [302] * 3
    assert claim.comments.count() == 1


@pytest.mark.parametrize("comment", ["", "  ", "a\0b", "a" * 4001])
def test_a_comment_that_cannot_be_kept_is_refused(desk, now, comment):
    claim = claim_at(Status.SUBMITTED, now=now)
    assert send(desk, claim, comment).status_code == 422
    assert claim.comments.count() == 0


def test_the_partner_reads_the_comment_without_the_reviewers_name(desk, now, reviewer, signed_in):
    reviewer.full_name = "Mei Tanaka"
    reviewer.save()
    claim = claim_at(Status.SUBMITTED, now=now)
    send(desk, claim, "Which tenant is this?")
    page = text(signed_in(claim.created_by).get(reverse("claims:detail", args=[claim.pk])))
    assert ("Which tenant is this?" in page, "Mei Tanaka" in page) == (True, False)


# --- consent ---


def test_why_a_customer_declined_is_told_to_the_vendor_and_not_to_the_partner(desk, now, signed_in):
    claim = claim_at(Status.CONSENT_DECLINED, now=now)
    reason = claim.consent_answer.get_decline_reason_display()
    assert reason in unescape(text(desk.get(url(claim))))
    partners_page = signed_in(claim.created_by).get(reverse("claims:detail", args=[claim.pk]))
    assert reason not in unescape(text(partners_page))


def canned(engagement, code, *, offered=True):
    texts = {
        "english": f"Please add {code}.",
        "french": f"Veuillez joindre {code}.",
        "japanese": f"{code}を追加",
    }
    return CannedComment.objects.create(
        engagement=engagement, code=code, title=f"No {code}", offered=offered, **texts
    )


def test_a_comment_can_be_chosen_in_three_languages_where_one_can_be_written(desk, signed_in, now):
    claim = claim_at(Status.UNDER_REVIEW, now=now)
    canned(claim.engagement, "dates")
    canned(claim.engagement, "logo", offered=False)
    canned(EngagementFactory(), "prices")

    page = text(desk.get(url(claim)))
    inserted = re.findall(r'data-insert="#id_comment" value="(.*?)"', page)

    assert inserted == ["Please add dates.", "Veuillez joindre dates.", "datesを追加"]
    assert re.findall(r'<p class="prewrap" lang="(\w+)"', page) == ["en", "fr", "ja"]
    auditor = signed_in(StaffFactory(vendor_role="auditor"))
    assert 'id="canned"' in page
    assert 'id="canned"' not in text(auditor.get(url(claim)))
    assert 'id="canned"' not in text(desk.get(url(claim_at(Status.APPROVED, now=now))))
