"""Walks a claim to any of the sixteen statuses with the real verbs at past instants: for demo data and for tests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from claims import documents, lifecycle
from claims.creation import Contacts
from claims.models import Claim
from claims.states import Status as S
from consent import answers, requests
from consent.forms import AnswerForm
from incentives.models import User
from mail.models import Link
from surveys import invitations, responses
from surveys.models import Audience, Question, Questionnaire

DAY = timedelta(hours=24)


def sheet(words: str) -> bytes:
    """A one-page PDF that says these words: a real document of the smallest kind."""
    stream = f"BT /F1 14 Tf 72 770 Td ({words}) Tj ET".encode("latin-1", "replace")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj%s\nendobj\n" % (number, content)
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return (
        body
        + head
        + entries
        + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    )


# The deeds on the way to each status, in order; every route starts at Customer claimed.
TO_CONSENT = ("request_consent", "give_consent")
TO_REVIEW = (*TO_CONSENT, "prove", "submit", "start_review")
TO_DISPUTE = (*TO_REVIEW, "reject", "dispute")
ROUTES: dict[S, tuple[str, ...]] = {
    S.CUSTOMER_CLAIMED: (),
    S.AWAITING_CONSENT: ("request_consent",),
    S.CONSENT_RECEIVED: TO_CONSENT,
    S.CONSENT_DECLINED: ("request_consent", "decline_consent"),
    S.CONSENT_EXPIRED: ("request_consent", "expire"),
    S.SUBMITTED: TO_REVIEW[:-1],
    S.UNDER_REVIEW: TO_REVIEW,
    S.ACTION_REQUIRED: (*TO_REVIEW, "request_action"),
    S.APPROVED: (*TO_REVIEW, "approve"),
    S.REJECTED: (*TO_REVIEW, "reject"),
    S.DISPUTED: TO_DISPUTE,
    S.REJECTED_FINAL: (*TO_DISPUTE, "submit", "start_review", "reject_finally"),
    S.CANCELLED: ("cancel",),
    S.NOT_SUBMITTED_EXPIRED: (*TO_CONSENT, "expire"),
    S.POST_SUBMISSION_EXPIRED: (*TO_REVIEW, "request_action", "expire"),
    S.DISPUTE_EXPIRED: (*TO_DISPUTE, "expire"),
}


def walk(
    claim: Claim,
    to: S,
    *,
    reviewer: User,
    now: datetime,
    step: timedelta = timedelta(hours=6),
    since: datetime | None = None,
) -> datetime:
    """Do every deed on the route, `step` apart from the claim's creation (or `since`) on; returns the instant reached.

    `now` is the present: expiry happens at the deadline, which must lie before it.
    """
    at = since or claim.created_at
    for deed in ROUTES[to]:
        at = claim.expires_at if deed == "expire" and claim.expires_at else at + step
        if at > now:
            raise ValueError(f"Claim {claim.pk} cannot be {to} by {now}: {deed} would happen at {at}.")
        DEEDS[deed](claim, reviewer, at)
        claim.refresh_from_db()
    return at


def request_consent(claim: Claim, reviewer: User, now: datetime) -> None:
    names = Contacts.__dataclass_fields__
    typed = Contacts(**{name: getattr(claim, name) for name in names})
    requests.request(claim, by=claim.created_by, now=now, typed=typed, deal_size_usd=5000)


def answer_consent(claim: Claim, now: datetime, **answer: str) -> None:
    """The customer answers by the newest link, as the form would."""
    link = Link.objects.filter(purpose=Link.Purpose.CONSENT, subject_id=claim.pk).latest("pk")
    form = AnswerForm(partner=claim.location.name, engagement=claim.engagement.name)
    answers.record(claim, link, now=now, text_shown=form.text_shown, **answer)


def prove(claim: Claim, reviewer: User, now: datetime) -> None:
    """Fill every slot, send the customer's survey, and answer both."""
    for slot in claim.slots.all():
        file = SimpleUploadedFile(
            f"{slot.code}-{claim.pk}.pdf", sheet(f"{slot.name} of claim {claim.pk}"), "application/pdf"
        )
        documents.add(claim, slot, [file], by=claim.created_by, now=now)
    for audience in Audience:
        if getattr(claim, f"{audience}_survey_required"):
            answer_survey(claim, audience, now)


def answer_survey(claim: Claim, audience: Audience, now: datetime) -> None:
    link = None
    if audience == Audience.CUSTOMER:
        invitations.send(claim, audience, by=claim.created_by, now=now)
        link = Link.objects.filter(purpose=audience.purpose, subject_id=claim.pk).latest("pk")
    questionnaire = Questionnaire.objects.open_to(claim, audience)[0]
    answered = [
        (question, plausible(question)) for question in questionnaire.questions.exclude(kind="signature")
    ]
    name = claim.customer_contact_name if audience == Audience.CUSTOMER else claim.partner_contact_name
    company = claim.customer.organization.name if audience == Audience.CUSTOMER else claim.location.name
    signed = responses.Signature(name, company, "IT Manager")
    by = claim.created_by if audience == Audience.PARTNER else None
    responses.record(claim, questionnaire, answered, now=now, signed=signed, link=link, by=by)


def plausible(question: Question) -> Any:
    """An answer that a content person would give."""
    kinds = Question.Kind
    return {
        kinds.SINGLE: lambda: question.options["choices"][0],
        kinds.MULTIPLE: lambda: question.options["choices"][:2],
        kinds.SCALE: lambda: question.options["to"],
        kinds.NUMBER: lambda: 24,
        kinds.TEXT: lambda: "Nothing comes to mind.",
    }[kinds(question.kind)]()


DEEDS: dict[str, Callable[[Claim, User, datetime], object]] = {
    "request_consent": request_consent,
    "give_consent": lambda claim, _, now: answer_consent(claim, now, answer="yes"),
    "decline_consent": lambda claim, _, now: answer_consent(
        claim, now, answer="no", decline_reason="not_this_engagement"
    ),
    "prove": prove,
    "submit": lambda claim, _, now: lifecycle.submit(claim, by=claim.created_by, now=now),
    "start_review": lambda claim, reviewer, now: lifecycle.start_review(claim, by=reviewer, now=now),
    "request_action": lambda claim, reviewer, now: lifecycle.request_action(
        claim,
        by=reviewer,
        now=now,
        comment="The invoice does not show the Claim ID. Please upload a corrected invoice.",
    ),
    "approve": lambda claim, reviewer, now: lifecycle.approve(claim, by=reviewer, now=now),
    "reject": lambda claim, reviewer, now: lifecycle.reject(
        claim, by=reviewer, now=now, comment="The document shows no results from the customer's environment."
    ),
    "dispute": lambda claim, _, now: lifecycle.dispute(claim, by=claim.created_by, now=now),
    "reject_finally": lambda claim, reviewer, now: lifecycle.reject_finally(
        claim,
        by=reviewer,
        now=now,
        comment="The corrected document still shows no results. This decision is final.",
    ),
    "cancel": lambda claim, _, now: lifecycle.cancel(claim, by=claim.created_by, now=now),
    "expire": lambda claim, _, now: lifecycle.expire(claim, now=now),
}
