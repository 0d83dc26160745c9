"""Requesting consent, step by step; sending again starts at the review and keeps the deal size (CON-1, CON-2)."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from claims.creation import Contacts
from claims.forms import ContactInformationForm
from claims.models import Claim
from claims.states import Status
from incentives.models import Draft, User
from incentives.wizard import Step, Stepper

from .forms import DealForm, PrivacyForm
from .requests import contacts_of, request, request_when_possible

PURPOSE = "consent_request"
CONTACTS = Step("contacts", _("Contact details"), ContactInformationForm)
DEAL = Step("deal", _("Deal information"), DealForm)
REVIEW = Step("review", _("Review and complete"))
# Not a page to fill in, only the end of the list of steps: the button, and what it did.
SENT = Step("sent", _("Send for consent"))


class ConsentRequest:
    """One run of the wizard by one person for one claim as it stands now."""

    def __init__(self, claim: Claim, user: User, *, now: datetime) -> None:
        self.claim, self.user, self.now = claim, user, now
        self.is_first = claim.status == Status.CUSTOMER_CLAIMED
        self.draft = draft_of(claim, user, now=now)
        steps = (CONTACTS, DEAL, REVIEW) if self.is_first else (CONTACTS, REVIEW)
        self.stepper = Stepper(steps, self.draft, self.surroundings)

    def surroundings(self, stepper: Stepper, step: Step) -> dict[str, Any]:
        return {"customer": self.claim.customer} if step is CONTACTS else {}

    def start(self) -> Step:
        return CONTACTS if self.is_first else REVIEW

    def back(self, step: Step, typed: QueryDict) -> Step | None:
        """The step before, when the person pressed Previous."""
        return self.stepper.previous(step) if "previous" in typed else None

    def save(self, step: Step, typed: QueryDict) -> None:
        self.draft.save()
        self.stepper.save(step, typed, now=self.now)

    def promise(self, typed: QueryDict | None = None) -> forms.Form:
        """The privacy statement's check box; asked for before the first request only."""
        return PrivacyForm(typed) if self.is_first else forms.Form(typed)

    def held(self, step: Step) -> dict[str, Any]:
        """What was typed in a step, checked now; empty when it does not hold."""
        return self.stepper.cleaned(step) or {}

    @property
    def deal_size_usd(self) -> int | None:
        """As typed before the first request, which fixes it."""
        return self.held(DEAL).get("deal_size_usd") if self.is_first else self.claim.deal_size_usd

    @property
    def typed(self) -> Contacts:
        return Contacts(**self.held(CONTACTS))

    def finish(self, *, later: bool = False) -> None:
        """Send what was typed, or have it sent once that is possible; every step was checked again just before."""
        facts: dict[str, Any] = {"by": self.user, "now": self.now, "typed": self.typed}
        facts["revision"] = self.draft.about["revision"]
        if later and not self.is_first:
            request_when_possible(self.claim, **facts)
        else:
            request(self.claim, deal_size_usd=self.deal_size_usd, **facts)
        # A run in which nothing was typed was never kept.
        Draft.objects.filter(pk=self.draft.pk).update(finished_at=self.now, updated_at=self.now)


def draft_of(claim: Claim, user: User, *, now: datetime) -> Draft:
    """The person's unfinished run for the claim as it is now, else a new one that starts from the claim's contacts.

    A change of the claim starts anew, so that an old draft never brings back contacts that were changed elsewhere.
    """
    about = {"claim": claim.pk, "revision": claim.revision}
    unfinished = (
        Draft.objects.of(user, PURPOSE, now)
        .filter(about=about, finished_at=None)
        .order_by("-updated_at")
        .first()
    )
    if unfinished:
        return unfinished
    known = {name: [value] for name, value in asdict(contacts_of(claim)).items()}
    return Draft(
        user=user,
        purpose=PURPOSE,
        about=about,
        answers={CONTACTS.slug: known},
        created_at=now,
        updated_at=now,
    )
