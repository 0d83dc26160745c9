"""The Add customer wizard: its four steps, and what each of them knows of the steps before (WIZ-1 to WIZ-8)."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from engagements.eligibility import is_eligible, standings
from engagements.models import Engagement, IdKind
from engagements.rates import payable
from incentives.models import Draft, Location, User
from incentives.wizard import Step, Stepper

from .creation import Contacts, create_claims
from .forms import AssociateCustomerForm, AssociateEngagementForm, ContactInformationForm
from .models import Claim, CustomerIdentity
from .offers import Offer, offers

PURPOSE = "add_customer"
CUSTOMER = Step("customer", _("Associate customer"), AssociateCustomerForm)
ENGAGEMENT = Step("engagement", _("Associate engagement"), AssociateEngagementForm)
CONTACTS = Step("contacts", _("Contact Information"), ContactInformationForm)
REVIEW = Step("review", _("Review and complete"))
STEPS = (CUSTOMER, ENGAGEMENT, CONTACTS, REVIEW)


@dataclass(frozen=True)
class Origin:
    """Where a run begins: an area or one of its engagements, and perhaps a known customer or a claim to claim again.

    The customer is the key of an identity that cannot be changed on the way (WIZ-7).
    """

    area: str
    engagement: str | None = None
    customer: int | None = None
    claim: int | None = None


def start(user: User, origin: Origin, *, now: datetime) -> tuple[Draft, bool]:
    """Go on with the person's unfinished run from the same place, or begin a new one; and whether it goes on."""
    unfinished = (
        Draft.objects.of(user, PURPOSE, now)
        .filter(finished_at=None, about=asdict(origin))
        .order_by("-updated_at")
        .first()
    )
    return (unfinished, True) if unfinished else (begin(user, origin, now=now), False)


def begin(user: User, origin: Origin, *, now: datetime) -> Draft:
    """A new run, filled in from the claim that is claimed again or the last one for that customer (WIZ-7)."""
    return Draft.objects.create(
        user=user,
        purpose=PURPOSE,
        about=asdict(origin),
        answers=answers_before(user, origin),
        created_at=now,
        updated_at=now,
    )


def answers_before(user: User, origin: Origin) -> dict[str, dict[str, list[str]]]:
    """What was typed for an earlier claim of the customer, as the steps keep it; nothing for a new customer."""
    earlier = Claim.objects.visible_to(user).filter(customer=origin.customer)
    if origin.claim:
        earlier = earlier.filter(pk=origin.claim)
    claim = earlier.select_related("engagement").order_by("-pk").first() if origin.customer else None
    if claim is None:
        return {}
    answers = {
        CUSTOMER.slug: {"name": [claim.name], "location": [str(claim.location_id)]},
        CONTACTS.slug: {field.name: [getattr(claim, field.name)] for field in fields(Contacts)},
    }
    if origin.claim:
        hours = {"requested_hours": [str(claim.requested_hours)]} if claim.requested_hours else {}
        answers[ENGAGEMENT.slug] = {"engagements": [claim.engagement.code], **hours}
    return answers


class AddCustomer:
    """One run of the wizard by one person."""

    def __init__(self, draft: Draft, user: User, *, now: datetime) -> None:
        self.draft, self.user, self.now = draft, user, now
        self.stepper = Stepper(STEPS, draft, self.surroundings)
        of_area = Engagement.objects.for_partners().visible_to(user).filter(solution_area=draft.about["area"])
        of_area = of_area.select_related("solution_area", "activity_type")
        found = list(of_area.prefetch_related("rate_cards__market_list"))
        self.opened_from = next((e for e in found if e.code == draft.about["engagement"]), None)
        self.engagements = sorted(found, key=lambda engagement: engagement != self.opened_from)
        known = CustomerIdentity.objects.select_related("organization", "tenant__organization")
        self.customer = known.filter(pk=draft.about.get("customer")).first()
        self._offers: list[Offer] | None = None

    def surroundings(self, stepper: Stepper, step: Step) -> dict[str, Any]:
        """What the form of a step must know: the person's locations, the offers, the customer."""
        if step is CUSTOMER:
            return self.locations() | {"kinds": self.kinds(), "known": self.customer, "now": self.now}
        customer = (stepper.cleaned(CUSTOMER) or {}).get("customer")
        if step is ENGAGEMENT:
            return {
                "offers": self.offers(),
                "by_the_hour": customer is not None and customer.kind == IdKind.OPPORTUNITY,
                "initial": {"engagements": [self.opened_from.code] if self.opened_from else []},
            }
        return {
            "customer": customer,
            "initial": {
                "partner_contact_name": self.user.full_name,
                "partner_contact_email": self.user.email,
            },
        }

    def kinds(self) -> set[str]:
        """The ID types of the engagement it was opened from, or of any engagement of the area (WIZ-2)."""
        if self.customer:
            return {self.customer.kind}
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

    def proposed_payout(self) -> Decimal | None:
        """Hours times rate, up to the cap, in US dollars by today's rate card; None for a fixed payout (WIZ-6)."""
        chosen, customer = self.stepper.cleaned(ENGAGEMENT), self.stepper.cleaned(CUSTOMER)
        if not chosen or not customer or "requested_hours" not in chosen:
            return None
        (engagement,), country = chosen["engagements"], customer["location"].country.code
        proposed = payable(engagement, country, self.now.date(), hours=chosen["requested_hours"])
        return proposed.amount_usd if proposed else None

    def finish(self) -> list[Claim]:
        """Create the claims from what was typed; every step was checked again just before."""
        customer, engagement, contacts = (self.stepper.values(step) for step in STEPS[:3])
        return create_claims(
            name=customer["name"],
            location=customer["location"],
            customer=customer["customer"],
            engagements=engagement["engagements"],
            contacts=Contacts(**contacts),
            requested_hours=engagement.get("requested_hours"),
            by=self.user,
            now=self.now,
        )
