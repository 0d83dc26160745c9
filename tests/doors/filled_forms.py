"""Every form of the portal as a person fills it in, and the browser in which they do."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.test import Client

from claims.contacts import CUSTOMER_FIELDS, PARTNER_FIELDS
from claims.models import Claim
from claims.states import Status as S
from surveys.models import Question
from tests.factories.incentives import PASSWORD
from tests.surveys.conftest import filled, key_of

from .scene import Scene

Fields = dict[str, Any]
PAGES_OF_LINKS = {
    "consent": "consent",
    "customer_survey": "survey/customer",
    "partner_survey": "survey/partner",
}


@dataclass(frozen=True)
class FilledForm:
    """One form: who sends it, where to, what stands in it, and which fields may be left out."""

    browser: Client
    path: str
    fields: Callable[[], Fields]
    optional: frozenset[str] = frozenset()


def filled_forms(scene: Scene) -> dict[str, FilledForm]:
    return of_partners(scene) | of_wizards(scene) | behind_links(scene) | of_the_desk(scene)


def of_partners(scene: Scene) -> dict[str, FilledForm]:
    user, claim = scene.browser("user"), scene.at[S.CONSENT_RECEIVED]
    at, slot = f"/claims/{claim.pk}", claim.slots.first().pk
    # Once the customer has answered the survey, their contact is fixed.
    edit = f"/claims/{scene.unanswered.pk}/contacts"
    customer = contacts(scene.unanswered, CUSTOMER_FIELDS) | {"customer_contact_name": "Another Name"}
    partner = contacts(scene.unanswered, PARTNER_FIELDS) | {"partner_contact_name": "Another Name"}
    freely = frozenset({"customer_contact_title", "domain_mismatch_reason", "form_key", "revision"})
    sign_in = {"email": scene.people["user"].email, "password": PASSWORD, "next": "/claims/"}
    return {
        "sign in": FilledForm(scene.browser("nobody"), "/sign-in/", lambda: sign_in, frozenset({"next"})),
        "comment": FilledForm(user, f"{at}/comments/", lambda: scene.body("claims:comments"), freely),
        "customer contact": FilledForm(user, f"{edit}/customer/", lambda: customer, freely),
        "partner contact": FilledForm(user, f"{edit}/partner/", lambda: partner, freely),
        "upload": FilledForm(
            user, f"{at}/slots/{slot}/documents/", lambda: scene.body("claims:upload"), freely
        ),
        "removal": FilledForm(user, f"{at}/documents/removal/", lambda: scene.body("claims:removal")),
        "partner survey": FilledForm(user, f"{at}/survey/", lambda: survey("partner"), not_required()),
    }


def of_wizards(scene: Scene) -> dict[str, FilledForm]:
    user, draft = scene.browser("user"), scene.draft
    add, ask = f"/claims/add/{draft.pk}", f"/claims/{scene.at[S.CUSTOMER_CLAIMED].pk}/consent-request"
    typed = {
        step: {name: values[0] for name, values in given.items()} for step, given in draft.answers.items()
    }
    user.post(f"{ask}/deal/", {"deal_size_usd": "5000"})
    people = contacts(scene.at[S.CUSTOMER_CLAIMED], CUSTOMER_FIELDS + PARTNER_FIELDS)
    freely = frozenset({"customer_contact_title", "domain_mismatch_reason"})
    return {
        "open the wizard": FilledForm(user, "/claims/add/", lambda: scene.body("claims:add")),
        "associate customer": FilledForm(user, f"{add}/customer/", lambda: typed["customer"]),
        "associate engagement": FilledForm(user, f"{add}/engagement/", lambda: typed["engagement"]),
        "contact information": FilledForm(user, f"{add}/contacts/", lambda: typed["contacts"], freely),
        "consent contacts": FilledForm(user, f"{ask}/contacts/", lambda: people, freely),
        "deal size": FilledForm(user, f"{ask}/deal/", lambda: {"deal_size_usd": "5000"}),
        "send for consent": FilledForm(user, f"{ask}/review/", lambda: {"privacy": "on"}),
    }


def behind_links(scene: Scene) -> dict[str, FilledForm]:
    no = {"answer": "no", "decline_reason": "other", "decline_text": "We work with somebody else."}
    answers: dict[str, Callable[[], Fields]] = {
        "consent": lambda: no,
        "customer_survey": lambda: survey("customer"),
        "partner_survey": lambda: survey("partner"),
    }
    return {
        f"{purpose} behind its link": FilledForm(*opened(scene, purpose), given, not_required())
        for purpose, given in answers.items()
    }


def of_the_desk(scene: Scene) -> dict[str, FilledForm]:
    lead, at = scene.browser("lead"), f"/desk/claims/claim/{scene.at[S.UNDER_REVIEW].pk}"
    rejection = scene.body("admin:claims_claim_decision")
    owner, attainment = scene.browser("owner"), scene.body("admin:engagements_attainment_add")
    question = lambda: scene.body("admin:claims_claim_comments")  # noqa: E731 (the form key is new each time)
    return {
        "comment at the desk": FilledForm(lead, f"{at}/comments/", question, frozenset({"form_key"})),
        "add attainment": FilledForm(
            owner, "/desk/engagements/attainment/add/", lambda: attainment, frozenset({"expires_on"})
        ),
        "decision": FilledForm(lead, f"{at}/decision/reject/", lambda: rejection),
    }


def deeds(scene: Scene) -> dict[str, FilledForm]:
    """The buttons: forms in which nothing is typed."""
    user, admin, lead = (scene.browser(who) for who in ("user", "admin", "lead"))
    ready, unanswered, rejected = (scene.at[S.CONSENT_RECEIVED], scene.unanswered, scene.at[S.REJECTED])
    desk = f"/desk/claims/claim/{scene.at[S.UNDER_REVIEW].pk}/decision"
    approval = scene.body("admin:claims_claim_decision")
    return {
        "add customer": FilledForm(user, f"/claims/add/{scene.draft.pk}/review/", dict),
        "send customer survey": FilledForm(user, f"/claims/{unanswered.pk}/surveys/customer/", dict),
        "send partner survey": FilledForm(user, f"/claims/{unanswered.pk}/surveys/partner/", dict),
        "submit": FilledForm(user, f"/claims/{ready.pk}/submission/", dict),
        "cancel": FilledForm(user, f"/claims/{unanswered.pk}/cancellation/", dict),
        "dispute": FilledForm(user, f"/claims/{rejected.pk}/dispute/", dict),
        "enrol": FilledForm(admin, f"/incentives/enrolments/{scene.invited.pk}/", dict),
        "approve": FilledForm(lead, f"{desk}/approve/", lambda: approval),
        "ask for action": FilledForm(lead, f"{desk}/request_action/", lambda: approval),
    }


def opened(scene: Scene, purpose: str) -> tuple[Client, str]:
    """A visitor who has opened the one-time link that they were sent, and the clean address they came to."""
    visitor = scene.browser("nobody")
    entered = visitor.get(f"/{PAGES_OF_LINKS[purpose]}/{key_of(scene.links[purpose])}/")
    return visitor, entered.headers["Location"]


def contacts(claim: Claim, names: tuple[str, ...]) -> Fields:
    return {name: getattr(claim, name) for name in names}


def survey(audience: str) -> Fields:
    return filled(audience) | {"form_key": uuid.uuid4()}


def not_required() -> frozenset[str]:
    """The fields of the surveys that need no answer."""
    free = Question.objects.filter(required=False).values_list("pk", flat=True)
    return frozenset(f"q{pk}" for pk in free) | {"form_key"}
