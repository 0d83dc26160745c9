"""One row of a sheet judged by the forms, the directory, the offers and the limits of the wizard (WIZ-2 to WIZ-5)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from engagements.customer_lists.rows import RowCheck
from engagements.eligibility import is_eligible, standings
from engagements.models import Engagement, IdKind
from incentives.models import Location, User
from incentives.tables.refusals import UNREADABLE, RowRefused

from ..creation import Contacts
from ..forms import AssociateCustomerForm, AssociateEngagementForm, ContactInformationForm
from ..limits import Candidate
from ..models import Claim, CustomerIdentity, SheetRow
from ..offers import offers
from .columns import KEYS_OF_FIELDS
from .wishes import Wish, standing_equal

State = SheetRow.State
Findings = dict[str, list[str]]


@dataclass(frozen=True)
class Verdict:
    """What is to be said of a row: its state, what was found by column, and the claim that it wishes for or is."""

    state: State
    findings: Findings = field(default_factory=dict)
    wish: Wish | None = None
    claim: Claim | None = None


class Judge:
    """Judges the rows of one person's sheet, one after the other, as this person stands now."""

    def __init__(self, user: User, *, now: datetime) -> None:
        self.user = user
        self.places = {str(place.partner_number): place for place in self.locations()}
        found = Engagement.objects.for_partners().visible_to(user)
        found = found.select_related("solution_area", "activity_type")
        self.engagements = list(found.prefetch_related("rate_cards__market_list"))
        self.standings = standings([place.pk for place in self.places.values()], now.date())
        self.taken: list[Wish] = []
        self.lines: dict[str, int] = {}

    def locations(self) -> Any:
        return Location.objects.visible_to(self.user).enrolled()

    def judge(self, row: SheetRow, *, now: datetime) -> Verdict:
        """What would become of the row now, after those that `take` was told of."""
        if row.trouble:
            return Verdict(State.WRONG, {"": [row.trouble]})
        return Judgement(self, row, now).verdict()

    def take(self, wish: Wish, line: int) -> None:
        """A row that is ready takes its place in the limits before the rows that follow it."""
        self.taken.append(wish)
        self.lines[wish.key] = line

    def before(self, engagement: Engagement, customer: CustomerIdentity) -> list[Candidate]:
        """The claims to be created first that limits may count together with one for this customer."""
        return [
            wish.candidate
            for wish in self.taken
            if wish.engagement == engagement or wish.customer.counts_as == customer.counts_as
        ]


class Judgement:
    """The judgement of one row, field by field, so that all that is wrong with it can be mended at once."""

    def __init__(self, judge: Judge, row: SheetRow, now: datetime) -> None:
        self.by, self.now, self.line = judge, now, row.line
        self.cells: Mapping[str, str] = row.cells
        self.findings: Findings = {}

    def verdict(self) -> Verdict:
        self.refuse_unreadable()
        associated = self.cleaned(self.customer_form())
        contacts = self.cleaned(self.contact_form(associated.get("customer")))
        if not self.engagement or not {"location", "customer", "name"} <= set(associated):
            return Verdict(State.WRONG, self.findings)
        wish = Wish(
            name=associated["name"],
            location=associated["location"],
            customer=associated["customer"],
            engagement=self.engagement,
        )
        if claim := standing_equal(wish, now=self.now):
            return Verdict(State.CLAIMED, claim=claim)
        if line := self.by.lines.get(wish.key):
            text = _("The same claim stands in row %(line)s.") % {"line": line}
            return Verdict(State.REPEATED, {"": [text]})
        hours = self.cleaned(self.engagement_form(wish)).get("requested_hours")
        if self.findings:
            return Verdict(State.WRONG, self.findings)
        return Verdict(State.READY, wish=wish.complete(contacts=Contacts(**contacts), requested_hours=hours))

    def cell(self, key: str) -> str:
        return self.cells.get(key, "")

    def say(self, key: str, *texts: str) -> None:
        self.findings.setdefault(key, []).extend(texts)

    def refuse_unreadable(self) -> None:
        for key, text in self.cells.items():
            if UNREADABLE.search(text):
                self.say(key, _("This cannot be read: the file mixes encodings. Save it as “CSV UTF-8”."))

    def cleaned(self, form: forms.Form) -> dict[str, Any]:
        """What the form made of the cells; what it found is told, once for each column."""
        found = {KEYS_OF_FIELDS.get(name, name): texts for name, texts in form.errors.items()}
        for key, texts in found.items():
            if key not in self.findings:
                self.say(key, *map(str, texts))
        return {name: value for name, value in form.cleaned_data.items() if name not in self.findings}

    @cached_property
    def engagement(self) -> Engagement | None:
        """The engagement that the cell names, by its code or its name, among those that the person can see."""
        text = self.cell("engagement").casefold()
        found = [one for one in self.by.engagements if text in {one.code.casefold(), one.name.casefold()}]
        if len(found) == 1:
            return found[0]
        if not text:
            said = _("This field is required.")
        elif found:
            codes = get_text_list([one.code for one in found], _("or"))
            said = _("Several engagements are called so. Write the code instead: %(codes)s.") % {
                "codes": codes
            }
        else:
            said = _("There is no such engagement for you. Write a name or a code as in the template.")
        self.say("engagement", said)
        return None

    @cached_property
    def location(self) -> Location | None:
        """The enrolled location whose PartnerID stands in the cell, alone or at the end of the location's title."""
        text = self.cell("location")
        number = re.search(r"([0-9]+)\)?$", text)
        place = self.by.places.get(number[1]) if number else None
        if text and not place:
            self.say("location", _("You have no enrolled location with this PartnerID."))
        return place

    @cached_property
    def kind(self) -> str:
        """The type of ID that the cell names, as far as the engagement takes it."""
        if not (text := self.cell("id_kind")):
            return ""
        try:
            return RowCheck(self.engagement.id_types if self.engagement else IdKind).kind(text).value
        except RowRefused as refusal:
            self.say("id_kind", refusal.advice)
            return ""

    def customer_form(self) -> AssociateCustomerForm:
        """Step 1 of the wizard, opened from the engagement."""
        engagement, place = self.engagement, self.location
        today = self.now.date()
        able = (
            engagement is None or place is None or is_eligible(engagement, self.by.standings[place.pk], today)
        )
        return AssociateCustomerForm(
            {
                "name": self.cell("name"),
                "location": place.pk if place else "",
                "id_kind": self.kind,
                "id_value": self.cell("id_value"),
            },
            locations=self.by.locations(),
            ineligible=[place] if place and not able else [],
            kinds=set(engagement.id_types if engagement else IdKind.values),
            known=None,
            now=self.now,
        )

    def engagement_form(self, wish: Wish) -> AssociateEngagementForm:
        """Step 2: the offer of this engagement, after the claims of the rows before."""
        before = self.by.before(wish.engagement, wish.customer)
        offered = offers([wish.engagement], wish.location, wish.customer, now=self.now, before=before)
        by_the_hour = wish.customer.kind == IdKind.OPPORTUNITY
        hours = self.cell("requested_hours")
        if hours and not by_the_hour:
            self.say("requested_hours", _("Leave this empty: hours belong to a variable payout."))
        typed = {"engagements": [wish.engagement.code], "requested_hours": hours}
        return AssociateEngagementForm(typed, offers=offered, by_the_hour=by_the_hour)

    def contact_form(self, customer: CustomerIdentity | None) -> ContactInformationForm:
        """Step 3; of a customer who was not found no domain is known, so no address can be foreign to it."""
        typed = {each.name: self.cell(each.name) for each in fields(Contacts)}
        typed["partner_contact_name"] = typed["partner_contact_name"] or self.by.user.full_name
        typed["partner_contact_email"] = typed["partner_contact_email"] or self.by.user.email
        return ContactInformationForm(typed, customer=customer or CustomerIdentity(kind=IdKind.TPID))
