"""Every form of the portal as a person fills it in, and the browser in which they do."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote

from django.test import Client
from django.urls import reverse

from claims.contacts import CUSTOMER_FIELDS, PARTNER_FIELDS
from claims.models import Claim
from claims.states import Status as S
from engagements.desk.forms import FORMS
from mail.models import SendCap
from surveys.models import Question
from tests.factories.incentives import PASSWORD
from tests.factories.payees import bank, tax
from tests.surveys.conftest import filled, key_of

from .scene import KINDS_OF_RECORDS, NEW_PASSWORD, Scene

Fields = dict[str, Any]
PAGES_OF_LINKS = {
    "consent": "consent",
    "customer_survey": "survey/customer",
    "partner_survey": "survey/partner",
    "invitation": "invitation",
    "password_reset": "password-reset",
}


@dataclass(frozen=True)
class FilledForm:
    """One form: who sends it, where to, what stands in it, and which fields may be left out."""

    browser: Client
    path: str
    fields: Callable[[], Fields]
    optional: frozenset[str] = frozenset()


def filled_forms(scene: Scene) -> dict[str, FilledForm]:
    at_the_desk = of_the_desk(scene) | of_the_catalogue(scene)
    by_partners = of_partners(scene) | of_accounts(scene) | of_wizards(scene)
    return by_partners | behind_links(scene) | at_the_desk


def of_partners(scene: Scene) -> dict[str, FilledForm]:
    user, claim = scene.browser("user"), scene.at[S.CONSENT_RECEIVED]
    at, slot = f"/claims/{claim.pk}", claim.slots.first().pk
    # Once the customer has answered the survey, their contact is fixed.
    edit = f"/claims/{scene.unanswered.pk}/contacts"
    customer = contacts(scene.unanswered, CUSTOMER_FIELDS) | {"customer_contact_name": "Another Name"}
    partner = contacts(scene.unanswered, PARTNER_FIELDS) | {"partner_contact_name": "Another Name"}
    freely = frozenset({"customer_contact_title", "domain_mismatch_reason", "form_key", "revision"})
    admin, payee = scene.browser("admin"), f"/incentives/payee/{scene.location.pk}/"
    unused = frozenset({"routing_number", "bic", "account_number"})
    sign_in = {"email": scene.people["user"].email, "password": PASSWORD, "next": "/claims/"}
    return {
        "sign in": FilledForm(scene.browser("nobody"), "/sign-in/", lambda: sign_in, frozenset({"next"})),
        "comment": FilledForm(user, f"{at}/comments/", lambda: scene.body("claims:comments"), freely),
        "customer contact": FilledForm(user, f"{edit}/customer/", lambda: customer, freely),
        "partner contact": FilledForm(user, f"{edit}/partner/", lambda: partner, freely),
        "upload": FilledForm(
            user, f"{at}/slots/{slot}/documents/", lambda: scene.body("claims:upload"), freely
        ),
        "sheet of claims": FilledForm(
            user, "/claims/sheets/new/", lambda: scene.body("claims:add_sheet"), frozenset({"form_key"})
        ),
        "removal": FilledForm(user, f"{at}/documents/removal/", lambda: scene.body("claims:removal")),
        "bank details": FilledForm(admin, payee, lambda: bank(revision="1"), unused),
        "tax details": FilledForm(admin, payee, lambda: tax(revision="1"), frozenset({"expires_on"})),
        "partner survey": FilledForm(user, f"{at}/survey/", lambda: survey("partner"), not_required()),
    }


def of_accounts(scene: Scene) -> dict[str, FilledForm]:
    """Account settings, and who is let into the company."""
    at, body = f"/account/users/{scene.colleagues['active'].pk}/roles", scene.body
    admin, user, nobody = (scene.browser(who) for who in ("admin", "user", "nobody"))
    return {
        "forgotten password": FilledForm(nobody, "/password-reset/", lambda: body("incentives:forgotten")),
        "change password": FilledForm(user, "/account/password/", lambda: body("incentives:password")),
        "reminders": FilledForm(user, "/account/reminders/", lambda: body("incentives:reminders")),
        "invite": FilledForm(
            admin, "/account/users/invitation/", lambda: body("incentives:invite") | scene.roles()
        ),
        "assign roles": FilledForm(admin, f"{at}/", lambda: body("incentives:assign")),
        "remove roles": FilledForm(admin, f"{at}/removal/", lambda: body("incentives:unassign")),
    }


def of_wizards(scene: Scene) -> dict[str, FilledForm]:
    user, draft = scene.browser("user"), scene.draft
    add, ask = f"/claims/add/{draft.pk}", f"/claims/{scene.at[S.CUSTOMER_CLAIMED].pk}/consent-request"
    typed = {
        step: {name: values[0] for name, values in given.items()} for step, given in draft.answers.items()
    }
    user.post(f"{ask}/deal/", {"deal_size_usd": "5000"})
    SendCap.take("consent_request", scene.at[S.AWAITING_CONSENT].pk, now=scene.now)
    again = f"/claims/{scene.at[S.AWAITING_CONSENT].pk}/consent-request"
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
        "queue a request": FilledForm(user, f"{again}/review/", lambda: {"later": "1"}),
    }


def behind_links(scene: Scene) -> dict[str, FilledForm]:
    no = {"answer": "no", "decline_reason": "other", "decline_text": "We work with somebody else."}
    answers: dict[str, Callable[[], Fields]] = {
        "consent": lambda: no,
        "customer_survey": lambda: survey("customer"),
        "partner_survey": lambda: survey("partner"),
        "invitation": lambda: {"full_name": "Potoroo Newcomer", **passwords()},
        "password_reset": passwords,
    }
    return {
        f"{purpose} behind its link": FilledForm(*opened(scene, purpose), given, not_required())
        for purpose, given in answers.items()
    }


def of_the_desk(scene: Scene) -> dict[str, FilledForm]:
    lead, at = scene.browser("lead"), f"/desk/claims/claim/{scene.at[S.UNDER_REVIEW].pk}"
    owner, shelf = scene.browser("owner"), "/desk/engagements/material"
    rejection = scene.body("admin:claims_claim_decision")
    # The form keys and the files are new each time.
    question = partial(scene.body, "admin:claims_claim_comments")
    guide = partial(scene.body, "admin:engagements_material_add")
    template = partial(scene.body, "admin:engagements_material_versions")
    freely = frozenset({"changes", "form_key"})
    attainment = scene.body("admin:engagements_attainment_add")
    name = "admin:engagements_engagement_customers_upload"
    new = f"/desk/engagements/engagement/{scene.engagement.pk}/customers/uploads/new/"
    return {
        "list of customers": FilledForm(owner, new, lambda: scene.body(name), frozenset({"form_key"})),
        "comment at the desk": FilledForm(lead, f"{at}/comments/", question, frozenset({"form_key"})),
        "add attainment": FilledForm(
            owner, "/desk/engagements/attainment/add/", lambda: attainment, frozenset({"expires_on"})
        ),
        "decision": FilledForm(lead, f"{at}/decision/reject/", lambda: rejection),
        **of_the_programme(scene),
        "delivery material": FilledForm(owner, f"{shelf}/of/{scene.engagement.code}/add/", guide, freely),
        "next version": FilledForm(owner, f"{shelf}/{scene.version.material_id}/versions/", template, freely),
    }


def of_the_programme(scene: Scene) -> dict[str, FilledForm]:
    """Who takes part in the programme, and on which terms."""
    owner, at = scene.browser("owner"), "/desk/incentives"
    ending = f"{at}/enrolment/{scene.enrolments['going on'].pk}/discontinuation/"
    reason = scene.body("admin:incentives_enrolment_discontinuation")
    freely = frozenset({"not_offered_in", "confirmed"})
    return {
        "discontinue": FilledForm(owner, ending, lambda: reason),
        "publish terms": FilledForm(owner, f"{at}/programmeterms/add/", scene.new_terms, freely),
        "stop delivery": FilledForm(
            owner, "/desk/mail/message/stop/", lambda: scene.body("admin:mail_message_stop")
        ),
    }


def of_the_catalogue(scene: Scene) -> dict[str, FilledForm]:
    """What the programme owner adds and changes, confirmed; what the rules need is not optional."""
    owner, found = scene.browser("owner"), {}
    for model, kind in KINDS_OF_RECORDS.items():
        words = kind.replace("_", " ")
        for deed in ("add",) if kind == "private_list" else ("add", "change"):
            name = f"admin:engagements_{model}_{deed}"
            row = scene.catalogue[model].pk if deed == "change" else None
            path = unquote(reverse(name, args=[row] if row else []))
            fields = scene.body(name)
            needed = {"seen", *(n for n, field in FORMS[kind]().fields.items() if field.required)}
            needed |= NEEDED_TOO.get(kind, set())
            found[f"{deed} {words}"] = FilledForm(
                owner, path, partial(dict, fields), frozenset(fields) - needed
            )
    return found


# What is needed by more than one field's rule: an engagement that is claimed has terms, a list has a deed.
NEEDED_TOO = {
    "engagement": {"payout", "activity_type", "id_types"},
    "private_list": {"locations"},
}


def deeds(scene: Scene) -> dict[str, FilledForm]:
    """The buttons: forms in which nothing is typed."""
    user, admin, lead = (scene.browser(who) for who in ("user", "admin", "lead"))
    ready, unanswered, rejected = (scene.at[S.CONSENT_RECEIVED], scene.unanswered, scene.at[S.REJECTED])
    desk = f"/desk/claims/claim/{scene.at[S.UNDER_REVIEW].pk}/decision"
    approval = scene.body("admin:claims_claim_decision")
    people = {name: f"/account/users/{person.pk}" for name, person in scene.colleagues.items()}
    list_of = f"/desk/engagements/engagement/{scene.engagement.pk}/customers"

    def sheet(name: str) -> str:
        return f"/claims/sheets/{scene.sheets[name].pk}"

    reinstatement = f"/desk/incentives/enrolment/{scene.enrolments['ended'].pk}/reinstatement/"
    retry = f"/desk/mail/message/{scene.catalogue['message'].pk}/retry/"
    cancellation = f"{list_of}/uploads/{scene.list_upload.pk}/cancellation/"
    return {
        "sign out everywhere": FilledForm(user, "/account/sign-out-everywhere/", dict),
        "deactivate": FilledForm(admin, f"{people['active']}/deactivation/", dict),
        "activate": FilledForm(admin, f"{people['deactivated']}/activation/", dict),
        "invite again": FilledForm(admin, f"{people['invited']}/invitation/", dict),
        "cancel an upload": FilledForm(scene.browser("owner"), cancellation, dict),
        "try a mail again": FilledForm(scene.browser("owner"), retry, dict),
        "reinstate": FilledForm(scene.browser("owner"), reinstatement, dict),
        "create claims of a sheet": FilledForm(user, f"{sheet('checked')}/claims/", dict),
        "cancel a sheet": FilledForm(user, f"{sheet('waiting')}/cancellation/", dict),
        "remove a sheet": FilledForm(user, f"{sheet('checked')}/removal/", dict),
        "add customer": FilledForm(user, f"/claims/add/{scene.draft.pk}/review/", dict),
        "send customer survey": FilledForm(user, f"/claims/{unanswered.pk}/surveys/customer/", dict),
        "send partner survey": FilledForm(user, f"/claims/{unanswered.pk}/surveys/partner/", dict),
        "take back": FilledForm(user, f"/claims/{ready.pk}/queued/partner_survey/removal/", dict),
        "submit": FilledForm(user, f"/claims/{ready.pk}/submission/", dict),
        "cancel": FilledForm(user, f"/claims/{unanswered.pk}/cancellation/", dict),
        "dispute": FilledForm(user, f"/claims/{rejected.pk}/dispute/", dict),
        "enrol": FilledForm(
            admin,
            f"/incentives/enrolments/{scene.invited.pk}/acceptance/",
            lambda: scene.body("incentives:enrol"),
        ),
        "approve": FilledForm(lead, f"{desk}/approve/", lambda: approval),
        "ask for action": FilledForm(lead, f"{desk}/request_action/", lambda: approval),
    }


def opened(scene: Scene, purpose: str) -> tuple[Client, str]:
    """A visitor who has opened the one-time link that they were sent, and the clean address they came to."""
    visitor = scene.browser("nobody")
    entered = visitor.get(f"/{PAGES_OF_LINKS[purpose]}/{key_of(scene.links[purpose])}/")
    return visitor, entered.headers["Location"]


def passwords() -> Fields:
    return {"new_password": NEW_PASSWORD, "again": NEW_PASSWORD}


def contacts(claim: Claim, names: tuple[str, ...]) -> Fields:
    return {name: getattr(claim, name) for name in names}


def survey(audience: str) -> Fields:
    return filled(audience) | {"form_key": uuid.uuid4()}


def not_required() -> frozenset[str]:
    """The fields of the surveys that need no answer."""
    free = Question.objects.filter(required=False).values_list("pk", flat=True)
    return frozenset(f"q{pk}" for pk in free) | {"form_key"}
