"""What is confidential: a word for each kind of it, planted on the pages of those who would type it (A10)."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from claims.creation import Contacts
from claims.models import Claim, CustomerIdentity
from consent import requests
from engagements.models import Engagement
from incentives.management.walk import sheet
from incentives.models import Location
from mail.models import Link
from surveys.models import Question, Questionnaire
from tests.factories import EngagementFactory, StaffFactory, make_claim, make_customer
from tests.surveys.conftest import field as field_of
from tests.surveys.conftest import filled, key_of

from .filled_forms import opened
from .routes import Route
from .scene import Scene

REASON, CHOICE = "Bettong", "not_this_engagement"
THEIR_ANSWERS, OUR_ANSWERS, TOO_EARLY, QUESTION = "Dunnart", "Kowari", "Mulgara", "Ningaui"
STAFF_NAME, STAFF_ADDRESS = "Planigale", "rakali"
OUR_CLAIM, OUR_CUSTOMER, OUR_COMPANY = "Pademelon", "bilby", "Cuscus"
RIVALS_CLAIM, RIVALS_CUSTOMER, RIVALS_COMPANY = "Antechinus", "potoo", "Phascogale"
# Words that stand nowhere but in what is confidential in this way.
SECRETS = {
    "reason": (REASON,),  # why a customer said No, in their own words
    "choice": (CHOICE, "wish to do the engagement"),  # the reason that a customer chose
    "theirs": (THEIR_ANSWERS,),  # the customer's answers to the survey, and their signature
    "ours": (OUR_ANSWERS,),  # the partner's
    "early": (TOO_EARLY,),  # both, on a claim that is not submitted yet
    "asked": (QUESTION,),  # a question of the customer's survey
    "name": (STAFF_NAME,),  # of a reviewer and of the programme owner
    "mail": (STAFF_ADDRESS,),  # their e-mail addresses
    "claim": (OUR_CLAIM,),  # whatever our partner typed or uploaded about a claim
    "customer": (OUR_CUSTOMER,),  # whom they name as the customer's contact, and the address
    "company": (OUR_COMPANY,),
    "r_claim": (RIVALS_CLAIM,),  # the same of a rival, who claims the same customers
    "r_customer": (RIVALS_CUSTOMER,),
    "r_company": (RIVALS_COMPANY,),
}


def told_in(text: str) -> set[str]:
    """Which secrets a text tells."""
    lowered = text.lower()
    return {secret for secret, words in SECRETS.items() if any(word.lower() in lowered for word in words)}


@dataclass
class Planted:
    """The claims in which the words stand, who came by a link, and every answer that was given on the way."""

    scene: Scene
    engagement: Engagement
    claims: dict[str, Claim] = field(default_factory=dict)
    visits: list[tuple[str, Client, str]] = field(default_factory=list)
    answers: list[tuple[str, str, HttpResponse]] = field(default_factory=list)
    browsers: dict[str, Client] = field(default_factory=dict)
    paths: dict[tuple[str, str], str] = field(default_factory=dict)

    def send(self, who: str, path: str, form: dict[str, Any]) -> None:
        """Send a form as this person, who must get through with it."""
        browser = self.browsers.setdefault(who, self.scene.browser(who))
        self.keep(who, path, browser.post(path, form))

    def keep(self, who: str, path: str, answer: HttpResponse) -> None:
        assert answer.status_code == 302, (who, path, answer.status_code, answer.content.decode())
        self.answers.append((who, path, answer))

    def answer(self, who: str, name: str, purpose: str, form: dict[str, Any]) -> None:
        """Open the newest one-time link to a claim as whoever got it, and send its form."""
        link = self.link(name, purpose)
        self.scene.links[purpose] = link
        visitor, path = opened(self.scene, purpose)
        self.visits.append((who, visitor, path))
        self.answers.append((who, path, visitor.get(path)))
        self.keep(who, path, visitor.post(path, form))

    def come_too_late(self, who: str, name: str) -> None:
        """Open a link to a claim that a rival's consent has closed meanwhile."""
        visitor, path = self.scene.browser("nobody"), f"/consent/{key_of(self.link(name, 'consent'))}/"
        self.visits += [(who, visitor, path), (who, visitor, visitor.get(path).get("Location", path))]

    def link(self, name: str, purpose: str) -> Link:
        return Link.objects.filter(purpose=purpose, subject_id=self.claims[name].pk).latest("pk")

    def path(self, route: Route, name: str) -> str:
        """The address of this door to one of the claims, or to its newest file."""
        if (route.name, name) not in self.paths:
            claim = self.claims[name]
            of_claim = {"claim": claim.pk, "document": getattr(claim.documents.first(), "pk", 0)}
            self.paths[route.name, name] = route.path(self.scene.arguments(route.name) | of_claim)
        return self.paths[route.name, name]

    def revision(self, name: str) -> int:
        return Claim.objects.get(pk=self.claims[name].pk).revision


def plant(scene: Scene) -> Planted:
    """Two partners after the same two customers, of whom each wins one, and everything that they keep to themselves."""
    engagement = EngagementFactory(name="Shared workshop")
    planted = Planted(scene, engagement)
    ask_in_words(engagement)
    name_everybody(scene)
    first, second, third, fourth = (make_customer() for _ in range(4))
    for name, who, customer in (
        ("reviewed", "user", first),
        ("rival's lost", "stranger", first),
        ("rival's", "stranger", second),
        ("lost", "user", second),
        ("declined", "user", third),
        ("refused", "user", fourth),
    ):
        planted.claims[name] = claimed(planted, who, engagement, customer)
    win(planted, "reviewed", "user", "customer", OUR_CLAIM)
    planted.come_too_late("their_customer", "rival's lost")
    win(planted, "rival's", "stranger", "their_customer", RIVALS_CLAIM)
    planted.come_too_late("customer", "lost")
    review(planted)
    typed = {"decline_reason": "other", "decline_text": f"We had {REASON} trouble."}
    for name, reason in (("declined", typed), ("refused", {"decline_reason": CHOICE})):
        planted.answer("customer", name, "consent", {"answer": "no"} | reason)
    planted.claims["early"] = scene.unanswered
    answer_surveys(planted, "early", TOO_EARLY, TOO_EARLY)
    attainment = scene.body("admin:engagements_attainment_add")
    planted.send("owner", "/desk/engagements/attainment/add/", attainment)
    # A run of the wizard for a customer whom the rival has claimed, at the step that says what can be claimed: nothing.
    Engagement.objects.filter(pk=engagement.pk).update(limit_concurrent=1)
    scene.draft.answers["customer"]["id_value"] = [second.value]
    scene.draft.save()
    scene.paths["claims:add_step"] = f"/claims/add/{scene.draft.pk}/engagement/"
    return planted


def ask_in_words(engagement: Engagement) -> None:
    """The customer's survey of this engagement, with a question of its own."""
    asked = Questionnaire.objects.create(engagement=engagement, audience="customer")
    for position, (kind, text) in enumerate(
        (("text", f"What about the {QUESTION}?"), ("signature", "Sign.")), 1
    ):
        Question.objects.create(questionnaire=asked, position=position, kind=kind, text=text)


def name_everybody(scene: Scene) -> None:
    """Gives both companies, and two of the staff, names that stand nowhere else."""
    for location, word in ((scene.location, OUR_COMPANY), (rivals_place(scene), RIVALS_COMPANY)):
        location.partner.name = location.name = f"{word} Inc."
        location.partner.save()
        location.save()
    scene.people["judge"] = StaffFactory()
    for who in ("judge", "owner"):
        person = scene.people[who]
        person.full_name, person.email = f"{STAFF_NAME} {who}", f"{STAFF_ADDRESS}-{who}@vendor.example"
        person.save()


def rivals_place(scene: Scene) -> Location:
    return scene.people["stranger"].location_roles.get().location


def claimed(planted: Planted, who: str, engagement: Engagement, customer: CustomerIdentity) -> Claim:
    """A claim whose customer has been asked for consent; the word of its partner stands in all that they typed."""
    scene, ours = planted.scene, who == "user"
    word, address = (OUR_CLAIM, OUR_CUSTOMER) if ours else (RIVALS_CLAIM, RIVALS_CUSTOMER)
    place, by = scene.location if ours else rivals_place(scene), scene.people[who]
    claim = make_claim(
        name=f"{word} claim",
        now=scene.now - timedelta(days=3),
        location=place,
        by=by,
        engagement=engagement,
        customer=customer,
    )
    typed = Contacts(
        customer_contact_name=f"{address} customer",
        customer_contact_email=f"{address}@elsewhere.example",
        partner_contact_name=f"{word} partner",
        partner_contact_email=by.email,
        customer_contact_title=f"{address} title",
        domain_mismatch_reason=f"{word} group",
    )
    requests.request(claim, by=by, now=scene.now - timedelta(days=2), typed=typed, deal_size_usd=5000)
    planted.send(
        who, f"/claims/{claim.pk}/comments/", {"text": f"A {word} came by.", "form_key": uuid.uuid4()}
    )
    return claim


def win(planted: Planted, name: str, who: str, customer: str, word: str) -> None:
    """The customer consents to this claim, so that the rival's is lost; its partner proves what was done."""
    claim = planted.claims[name]
    planted.answer(customer, name, "consent", {"answer": "yes"})
    for slot in claim.slots.all():
        file = SimpleUploadedFile(f"{word}-{slot.code}.pdf", sheet(f"{word} {slot.code}"), "application/pdf")
        path = f"/claims/{claim.pk}/slots/{slot.pk}/documents/"
        planted.send(who, path, {"files": file, "form_key": uuid.uuid4()})


def answer_surveys(planted: Planted, name: str, theirs: str, ours: str) -> None:
    """Customer and partner answer by their links, and sign; the partner does it again when signed in."""
    claim = planted.claims[name]
    asked = Questionnaire.objects.open_to(claim, "customer")[0].questions
    text = f"q{asked.filter(kind='text')[0].pk}"
    of_customer = filled("customer") | signed(theirs) | {text: f"{theirs} was good."}
    of_partner = filled("partner") | signed(ours) | {field_of("partner", "text"): f"{ours} was good."}
    planted.answer("customer", name, "customer_survey", of_customer | {"form_key": uuid.uuid4()})
    planted.answer("contact", name, "partner_survey", of_partner | {"form_key": uuid.uuid4()})
    planted.send("user", f"/claims/{claim.pk}/survey/", of_partner | {"form_key": uuid.uuid4()})


def signed(word: str) -> dict[str, str]:
    return {"full_name": f"{word} Jones", "company": f"{word} Ltd", "title": f"{word} Manager"}


def review(planted: Planted) -> None:
    """Our claim is submitted, taken up, talked about and rejected by a reviewer with a name."""
    claim = planted.claims["reviewed"]
    desk, public = f"/desk/claims/claim/{claim.pk}", "Please show the results."
    for audience in ("customer", "partner"):
        planted.send("user", f"/claims/{claim.pk}/surveys/{audience}/", {})
    answer_surveys(planted, "reviewed", THEIR_ANSWERS, OUR_ANSWERS)
    planted.send("user", f"/claims/{claim.pk}/submission/", {})
    planted.send("judge", f"{desk}/comments/", {"text": public, "form_key": uuid.uuid4()})
    for action in ("start_review", "reject"):
        form = {"comment": public, "revision": planted.revision("reviewed")}
        planted.send("judge", f"{desk}/decision/{action}/", form)
