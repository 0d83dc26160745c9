"""The Add customer wizard: its four steps, and what each of them knows of the steps before (WIZ-1 to WIZ-8)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from engagements.eligibility import is_eligible, standings
from engagements.models import Engagement, IdKind
from incentives.models import Draft, Location, User
from incentives.wizard import Step, Stepper

from .creation import Contacts, create_claims
from .forms import AssociateCustomerForm, AssociateEngagementForm, ContactInformationForm
from .models import Claim
from .offers import Offer, offers

PURPOSE = "add_customer"
CUSTOMER = Step("customer", _("Associate customer"), AssociateCustomerForm)
ENGAGEMENT = Step("engagement", _("Associate engagement"), AssociateEngagementForm)
CONTACTS = Step("contacts", _("Contact Information"), ContactInformationForm)
REVIEW = Step("review", _("Review and complete"))
STEPS = (CUSTOMER, ENGAGEMENT, CONTACTS, REVIEW)


def start(user: User, *, area: str, engagement: Engagement | None, now: datetime) -> Draft:
    """Go on with the person's unfinished run from the same place, or begin a new one."""
    about = {"area": area, "engagement": engagement.code if engagement else None}
    unfinished = (
        Draft.objects.of(user, PURPOSE, now)
        .filter(finished_at=None, about=about)
        .order_by("-updated_at")
        .first()
    )
    return unfinished or Draft.objects.create(
        user=user, purpose=PURPOSE, about=about, created_at=now, updated_at=now
    )


class AddCustomer:
    """One run of the wizard by one person."""

    def __init__(self, draft: Draft, user: User, *, now: datetime) -> None:
        self.draft, self.user, self.now = draft, user, now
        self.stepper = Stepper(STEPS, draft, self.surroundings)
        engagements = (
            Engagement.objects.for_partners().visible_to(user).filter(payout=Engagement.Payout.FIXED)
        )
        of_area = engagements.filter(solution_area=draft.about["area"]).select_related(
            "solution_area", "activity_type"
        )
        self.engagements = list(of_area.prefetch_related("rate_cards__market_list"))
        self.opened_from = next((e for e in self.engagements if e.code == draft.about["engagement"]), None)
        self._offers: list[Offer] | None = None

    def surroundings(self, stepper: Stepper, step: Step) -> dict[str, Any]:
        """What the form of a step must know: the person's locations, the offers, the customer."""
        if step is CUSTOMER:
            return self.locations() | {"kinds": self.kinds(), "now": self.now}
        if step is ENGAGEMENT:
            return {
                "offers": self.offers(),
                "initial": {"engagements": [self.opened_from.code] if self.opened_from else []},
            }
        customer = (stepper.cleaned(CUSTOMER) or {}).get("customer")
        return {
            "customer": customer,
            "initial": {
                "partner_contact_name": self.user.full_name,
                "partner_contact_email": self.user.email,
            },
        }

    def kinds(self) -> set[str]:
        """The ID types of the engagement it was opened from, or of any fixed-payout engagement of the area (WIZ-2)."""
        asked = [self.opened_from] if self.opened_from else self.engagements
        return {kind for engagement in asked for kind in engagement.id_types} or {IdKind.DOMAIN.value}

    def locations(self) -> dict[str, Any]:
        """The person's enrolled locations; from an engagement, ineligible ones stay listed, but disabled."""
        mine = Location.objects.visible_to(self.user).enrolled()
        return {
            "locations": mine,
            "ineligible": self.ineligible(self.opened_from, mine) if self.opened_from else [],
        }

    def ineligible(self, engagement: Engagement, locations: Iterable[Location]) -> list[Location]:
        """Those that could not claim today: judged now, as the end of the wizard will, not by the daily verdict."""
        today = self.now.date()
        places = standings([place.pk for place in locations], today)
        return [place for place in locations if not is_eligible(engagement, places[place.pk], today)]

    def offers(self) -> list[Offer]:
        """Every engagement of the area with what stands against it; asked once per request."""
        if self._offers is None:
            chosen = self.stepper.cleaned(CUSTOMER)
            self._offers = (
                offers(self.engagements, chosen["location"], chosen["customer"], now=self.now)
                if chosen
                else []
            )
        return self._offers

    def finish(self) -> list[Claim]:
        """Create the claims from what was typed; every step was checked again just before."""
        customer, engagement, contacts = (self.stepper.values(step) for step in STEPS[:3])
        return create_claims(
            name=customer["name"],
            location=customer["location"],
            customer=customer["customer"],
            engagements=engagement["engagements"],
            contacts=Contacts(**contacts),
            by=self.user,
            now=self.now,
        )
