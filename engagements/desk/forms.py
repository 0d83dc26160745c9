"""What the programme owner types: a form for each kind of catalogue record, judged by its own rules (ENG-8)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from ..catalogue_records import EVIDENCE, KINDS, LIMITS, MARKETS, REFERRAL, RULES, key_of
from ..changes import Change, collect, why_not
from ..export import stored_under
from ..models import (
    ActivityType,
    Designation,
    Engagement,
    EvidenceSlot,
    IdKind,
    MarketList,
    PrivateListEntry,
    RateCard,
    SolutionArea,
)
from ..recordfile import Check, Problem, Record, Wrong, checked, whole
from .fields import (
    Codes,
    Day,
    Flag,
    LongText,
    OneOf,
    PartnerIds,
    Sentences,
    SomeOf,
    Usd,
    Whole,
    WholeUsd,
    Words,
)

Values = dict[str, Any]
SPARE_SLOTS, MOST_SLOTS = 3, 20


class RecordForm(forms.Form):
    """A form whose fields are those of a record; a group's field is named after it: limits__consents."""

    kind = ""
    groups: Mapping[str, Mapping[str, Any]] = {}
    sections: tuple[tuple[Any, str], ...] = ()
    fixed: tuple[str, ...] = ()
    fields: dict[str, Any]
    initial: dict[str, Any]

    def __init__(self, data: QueryDict | None = None, *, stored: Values | None = None) -> None:
        """`stored` is the record as it is now, None for a new one; its fixed fields cannot be typed over."""
        super().__init__(data)
        self.stored = stored
        self.values: Values = {}
        self.change: Change = collect((), [])
        self.prepare()
        for name, field in self.fields.items():
            field.required = must_be_given(KINDS[self.kind].get(name), field)
            field.disabled = bool(stored) and name in self.fixed
            if stored is not None and name not in self.initial:
                self.initial[name] = field.typed(part_of(stored, name))

    def prepare(self) -> None:
        """Offer what can be chosen at this moment."""

    def cards(self) -> Iterator[tuple[Any, list[Any]]]:
        """The fields by the sections of the page."""
        for heading, names in self.sections:
            yield heading, [self[name] for name in names.split()]

    def record(self, cleaned: Values) -> Values:
        """The record that was typed, not yet judged."""
        flat = {name: self.fields[name].to_record(cleaned[name]) for name in cleaned}
        return {field: self.part(field, flat) for field in KINDS[self.kind]}

    def part(self, field: str, flat: Values) -> Any:
        if field not in self.groups:
            return flat.get(field)
        return {name: flat.get(f"{field}__{name}") for name in self.groups[field]}

    def clean(self) -> Values:
        cleaned = super().clean() or {}
        record = self.record({name: cleaned.get(name, "") for name in self.fields})
        self.complain_of(self.judge(record))
        if not self.errors and self.kind in RULES:
            self.complain_of(RULES[self.kind](self.values))
        if not self.errors:
            self.change = collect([Record(1, self.kind, self.values, sound=True)], [])
            self.change.was = self.moved()
            self.complain_of(why_not(self.change))
        return cleaned

    def judge(self, record: Values) -> list[Wrong]:
        """Check the record field by field; a group's parts have places of their own in the form."""
        simple = {name: check for name, check in KINDS[self.kind].items() if name not in self.groups}
        self.values, wrong = checked({name: record[name] for name in simple}, simple)
        for group, parts in self.groups.items():
            self.values[group] = None
            if record[group] is not None:
                self.values[group], more = checked(record[group], parts, f"{group}__")
                wrong += more
        self.values = {name: self.values.get(name) for name in KINDS[self.kind]}
        return wrong

    def moved(self) -> dict[Any, Any]:
        """The key under which the record is stored, by its new one, where the key can be edited."""
        return {}

    def before(self) -> Values | None:
        """The record that this form would change; for a new one, what stands under its key already."""
        return self.stored or stored_under(self.kind, key_of(self.kind, self.values))

    def complain_of(self, wrong: Iterable[Wrong | Problem]) -> None:
        for finding in wrong:
            self.complain(finding.field, finding.text)

    def complain(self, field: str, text: str) -> None:
        place = next((name for name in self.fields if name == field or name.startswith(f"{field}__")), None)
        if place is None or not self.has_error(place):
            sentence = re.sub(r"“(\w+)”", self.label_of, text)
            self.add_error(place, sentence[:1].upper() + sentence[1:])

    def label_of(self, name: re.Match[str]) -> str:
        """People know a field by its label, files by its name."""
        field = self.fields.get(name[1])
        return f"“{field.label}”" if field else name[0]


def must_be_given(check: Check | None, field: Any) -> bool:
    """Whether the record's rules refuse what an empty field would put there."""
    if check is None or not isinstance(field, Words | OneOf):
        return False
    try:
        check(field.to_record(""))
    except ValueError:
        return True
    return False


def part_of(record: Values, name: str) -> Any:
    """The value for a form field in a record: limits__consents stands in the group limits."""
    group, _separator, part = name.partition("__")
    value = record.get(group)
    return value.get(part) if part and isinstance(value, dict) else None if part else value


def choices_of(model: Any) -> list[tuple[Any, Any]]:
    return list(model.objects.order_by("name").values_list("code", "name"))


class SolutionAreaForm(RecordForm):
    kind = "solution_area"
    fixed = ("code",)
    sections = ((None, "code name position open_claims_limit"),)

    code = Words(
        label=_l("Code"), help_text=_l("Letters, digits, - and _; it stands in addresses and stays.")
    )
    name = Words(label=_l("Name"))
    position = Whole(label=_l("Position"), help_text=_l("The place among the tabs: 1 stands first."))
    open_claims_limit = Whole(
        label=_l("Open claims"),
        help_text=_l("The most that one partner may have for one customer ID. Empty means no limit."),
    )


class ActivityTypeForm(RecordForm):
    kind = "activity_type"
    fixed = ("code",)
    sections = (
        (None, "code name"),
        (_l("Clocks, in days of 24 hours"), "consent_days submit_days review_days dispute_days"),
    )

    code = Words(label=_l("Code"), help_text=_l("Letters, digits, - and _; it stays."))
    name = Words(label=_l("Name"))
    consent_days = Whole(label=_l("Consent"), help_text=_l("Days from the claim's creation."))
    submit_days = Whole(label=_l("Submission"), help_text=_l("Days from the customer's consent."))
    review_days = Whole(label=_l("Review"), help_text=_l("Days from the customer's consent."))
    dispute_days = Whole(label=_l("Dispute"), help_text=_l("Days from the rejection."))


class DesignationForm(RecordForm):
    kind = "designation"
    fixed = ("code",)
    sections = ((None, "code name kind"),)

    code = Words(
        label=_l("Code"), help_text=_l("What engagements and files of attainments name it by; it stays.")
    )
    name = Words(label=_l("Name"))

    def prepare(self) -> None:
        self.fields["kind"] = OneOf(Designation.Kind.choices, label=_("Kind"))


class MarketListForm(RecordForm):
    kind = "market_list"
    fixed = ("code",)
    sections = ((None, "code name source"), (_l("Countries/regions"), "A B C"))

    code = Words(label=_l("Code"), help_text=_l("Letters, digits, - and _; it stays."))
    name = Words(label=_l("Name"))
    source = Words(label=_l("Source"), help_text=_l("Where the list was published."))
    A = Codes(label=_l("Market A"), help_text=_l("Two-letter codes with commas or spaces between: US, CA."))
    B = Codes(label=_l("Market B"), help_text=_l("Two-letter codes; a country belongs to one market."))
    C = OneOf([("*", _l("Every other country"))], label=_l("Market C"))

    def prepare(self) -> None:
        self.fields["C"].choices = [("", _("No other country can claim")), ("*", _("Every other country"))]


class EngagementForm(RecordForm):
    kind = "engagement"
    groups = {"limits": LIMITS, "referral": REFERRAL}
    fixed = ("code",)
    sections = (
        (None, "code name name_source solution_area workload partner_role payout activity_type"),
        (_l("Availability"), "opens_on closes_on"),
        (_l("What is asked"), "description requirements delivery_hours"),
        (_l("Partners"), "partner_criteria partner_criteria_any private_list"),
        (_l("Customers"), "customer_criteria id_types customer_list"),
        (_l("Proof of execution"), "customer_survey partner_survey"),
        (
            _l("Limits"),
            "limits__consents limits__unique_customers limits__approved limits__concurrent limits__scope",
        ),
        (
            _l("Referral"),
            "referral__min_deal_size_usd referral__segments referral__solution_area referral__solution_play",
        ),
    )

    code = Words(
        label=_l("Code"), help_text=_l("Letters, digits, - and _; it stands in addresses and stays.")
    )
    name = Words(label=_l("Name"))
    name_source = Words(label=_l("Source of the name"), help_text=_l("Where the name was published."))
    solution_area = OneOf(label=_l("Solution area"))
    workload = Words(label=_l("Workload"))
    partner_role = OneOf(
        label=_l("Partner role"),
        help_text=_l("Only Partner activities are claimed here; others are listed, and have no terms."),
    )
    payout = OneOf(Engagement.Payout.choices, label=_l("Payout"))
    activity_type = OneOf(
        label=_l("Activity type"), help_text=_l("It sets the clocks of claims created from now on.")
    )
    opens_on = Day(
        label=_l("First day"), help_text=_l("The first day on which a claim can be created (UTC).")
    )
    closes_on = Day(
        label=_l("Last day"),
        help_text=_l(
            "The last day on which a claim can be created; empty means open-ended. Open claims run on."
        ),
    )
    description = LongText(label=_l("Description"))
    requirements = Sentences(label=_l("Requirements and activities"), help_text=_l("One sentence a line."))
    delivery_hours = Whole(label=_l("Delivery hours"), help_text=_l("Usual effort, named in the surveys."))
    partner_criteria = Sentences(
        label=_l("Partner criteria"), help_text=_l("For people to read: one sentence a line.")
    )
    partner_criteria_any = SomeOf(
        (),
        label=_l("Designations and specializations"),
        help_text=_l("A location needs one of them; none ticked means that none is needed."),
    )
    private_list = Flag(label=_l("Only for a private list of locations"))
    customer_criteria = Sentences(label=_l("Customer criteria"), help_text=_l("One sentence a line."))
    id_types = SomeOf(IdKind.choices, label=_l("Customer ID types"))
    customer_list = Flag(label=_l("Only for listed customers"))
    customer_survey = Flag(label=_l("Customer survey required"))
    partner_survey = Flag(label=_l("Partner survey required"))
    limits__consents = Whole(
        label=_l("Customer consents"), help_text=_l("Ever given for this engagement; empty means no limit.")
    )
    limits__unique_customers = Whole(
        label=_l("Unique customers"), help_text=_l("Of one partner in one country; empty means no limit.")
    )
    limits__approved = Whole(
        label=_l("Approved claims"), help_text=_l("For one customer; empty means no limit.")
    )
    limits__concurrent = Whole(
        label=_l("Concurrent open claims"),
        help_text=_l("For one customer, by any partner; empty means no limit."),
    )
    limits__scope = OneOf(Engagement.Scope.choices, label=_l("One customer is"))
    referral__min_deal_size_usd = WholeUsd(
        label=_l("Smallest deal"),
        help_text=_l("Whole US dollars, in digits. Leave the whole section empty for no referral."),
    )
    referral__segments = Sentences(label=_l("Segments"), help_text=_l("One a line."))
    referral__solution_area = Words(label=_l("Solution area of the deal"))
    referral__solution_play = Words(label=_l("Solution play of the deal"))

    def __init__(self, data: QueryDict | None = None, *, stored: Values | None = None) -> None:
        self.slots = list(stored["evidence"]) if stored else []
        self.rows: list[tuple[int, Values]] = []
        super().__init__(data, stored=stored)

    def prepare(self) -> None:
        self.fields["solution_area"].offer(SolutionArea.objects.values_list("code", "name"))
        self.fields["activity_type"].offer(choices_of(ActivityType))
        self.fields["partner_criteria_any"].choices = self.designations()
        roles = {*Engagement.objects.order_by().values_list("partner_role", flat=True).distinct()}
        roles |= {Engagement.PARTNER_ACTIVITIES, "Transact", "Use or consume"}
        self.fields["partner_role"].offer((role, role) for role in sorted(roles))
        if not self.stored:
            self.initial |= {
                "partner_role": Engagement.PARTNER_ACTIVITIES,
                "limits__scope": Engagement.Scope.CUSTOMER_ID.value,
                "customer_survey": True,
                "partner_survey": True,
            }
        for number in range(self.slot_rows()):
            self.add_slot(number)

    def designations(self) -> list[tuple[str, str]]:
        """Every designation there is; those that are asked for stand first, in their order, which is kept."""
        names = {designation.code: str(designation) for designation in Designation.objects.all()}
        asked = self.stored["partner_criteria_any"] if self.stored else []
        return [(code, names.get(code, code)) for code in dict.fromkeys([*asked, *names])]

    def slot_rows(self) -> int:
        """As many rows as there are documents, and some empty ones; what was typed into more is not lost."""
        sent = [int(name[10:-6]) for name in self.data if re.fullmatch(r"evidence__\d{1,2}__name", name)]
        return min(max(len(self.slots) + SPARE_SLOTS, *(n + 1 for n in [*sent, 0])), MOST_SLOTS)

    def add_slot(self, number: int) -> None:
        name, place = f"evidence__{number}", _("Document %(number)s") % {"number": number + 1}
        self.fields[f"{name}__name"] = Words(label=f"{place}: {_('name')}")
        self.fields[f"{name}__kind"] = OneOf(EvidenceSlot.Kind.choices[:2], label=f"{place}: {_('kind')}")
        self.fields[f"{name}__position"] = Whole(label=f"{place}: {_('position')}")
        stored = self.slots[number] if number < len(self.slots) else {"kind": EvidenceSlot.Kind.POE.value}
        self.initial |= {f"{name}__name": stored.get("name", ""), f"{name}__kind": stored["kind"]}
        self.initial[f"{name}__position"] = number + 1

    def slot_fields(self) -> list[list[Any]]:
        """The fields of each document, row by row."""
        parts = ("name", "kind", "position")
        return [[self[f"evidence__{n}__{part}"] for part in parts] for n in range(self.slot_rows())]

    def record(self, cleaned: Values) -> Values:
        record = super().record(cleaned)
        limits = {name: value for name, value in record["limits"].items() if name != "scope"}
        if record["partner_role"] != Engagement.PARTNER_ACTIVITIES and not any(
            value is not None for value in limits.values()
        ):
            record["limits"] = None
        if not any(record["referral"].values()):
            record["referral"] = None
        record["evidence"] = self.typed_slots(cleaned)
        record["workload"], record["description"] = record["workload"] or "", record["description"] or ""
        return record

    def typed_slots(self, cleaned: Values) -> list[Values]:
        """The documents in the order of their positions; a row without a name is none. Codes stay what they were."""
        rows, taken = [], {slot["code"] for slot in self.slots}
        for number in range(self.slot_rows()):
            name, place = cleaned[f"evidence__{number}__name"], cleaned[f"evidence__{number}__position"]
            position = self.position(number, place) if name or place else 0
            if not name:
                continue
            code = self.slots[number]["code"] if number < len(self.slots) else new_code(name, taken)
            taken.add(code)
            slot = {"code": code, "name": name, "kind": cleaned[f"evidence__{number}__kind"] or None}
            rows.append((position, number, slot))
        self.rows = [(number, slot) for _position, number, slot in sorted(rows, key=lambda row: row[:2])]
        return [slot for _number, slot in self.rows]

    def position(self, number: int, typed: str) -> int:
        name = f"evidence__{number}__position"
        try:
            return whole(1, 99)(self.fields[name].to_record(typed))
        except ValueError as error:
            self.complain(name, str(error))
            return 0

    def judge(self, record: Values) -> list[Wrong]:
        # Each document is judged at its own row.
        wrong = [finding for finding in super().judge(record) if finding.field != "evidence"]
        for number, slot in self.rows:
            wrong += checked(slot, EVIDENCE, f"evidence__{number}__")[1]
        return wrong


def new_code(name: str, taken: set[str]) -> str:
    """A code for a new document that no other of the engagement has."""
    stem = slugify(name)[:36] or "document"
    return next(code for code in (stem, *(f"{stem}-{n}" for n in range(2, 100))) if code not in taken)


class RateCardForm(RecordForm):
    kind = "rate_card"
    fixed = ("engagement",)
    sections = (
        (None, "engagement from to"),
        (_l("Rates in US dollars, before tax"), "unit market_list A B C cap"),
        (_l("Origin"), "source sample_markets"),
    )

    engagement = OneOf(label=_l("Engagement"))
    to = Day(label=_l("Last day"), help_text=_l("It still counts; empty means open-ended."))
    unit = OneOf(RateCard.Unit.choices, label=_l("Unit"))
    market_list = OneOf(label=_l("Market list"), help_text=_l("Which countries are Market A, B and C."))
    A = Usd(label=_l("Market A"), help_text=_l("US dollars; empty means that this market cannot claim."))
    B = Usd(label=_l("Market B"), help_text=_l("US dollars; empty means that this market cannot claim."))
    C = Usd(label=_l("Market C"), help_text=_l("US dollars; empty means that this market cannot claim."))
    cap = Usd(
        label=_l("Cap"), help_text=_l("The highest payout of one claim, in US dollars: for hourly rates.")
    )
    source = Words(label=_l("Source"), help_text=_l("Where the rates were published."))
    sample_markets = SomeOf(
        [(market, market) for market in MARKETS],
        label=_l("Sample rates"),
        help_text=_l("Markets whose rate is invented; partners see it marked."),
    )

    def prepare(self) -> None:
        starts = Day(label=_("First day"), help_text=_("The first day on which these rates count (UTC)."))
        self.fields = {"engagement": self.fields.pop("engagement"), "from": starts} | self.fields
        payable = Engagement.objects.exclude(payout="").order_by("name").values_list("code", "name")
        self.fields["engagement"].offer((code, f"{name} ({code})") for code, name in payable)
        self.fields["market_list"].offer(choices_of(MarketList))

    def moved(self) -> dict[Any, Any]:
        if not self.stored:
            return {}
        before = (self.stored["engagement"], self.stored["from"])
        after = (self.values["engagement"], self.values["from"])
        return {after: before} if after != before else {}


class PrivateListForm(RecordForm):
    """Locations to add to an engagement's private list, or to remove; the record is the list that comes of it."""

    kind = "private_list"
    sections = ((None, "engagement deed locations"),)

    engagement = OneOf(label=_l("Engagement"))
    deed = OneOf(label=_l("What to do"))
    locations = PartnerIds(
        label=_l("PartnerIDs"), help_text=_l("One or many, with commas, spaces or lines between them.")
    )

    def prepare(self) -> None:
        private = Engagement.objects.filter(private_list=True).order_by("name").values_list("code", "name")
        self.fields["engagement"].offer((code, f"{name} ({code})") for code, name in private)
        self.fields["deed"].choices = [("add", _("Add to the list")), ("remove", _("Remove from the list"))]

    def record(self, cleaned: Values) -> Values:
        record = super().record(cleaned)
        typed = list(dict.fromkeys(record["locations"]))
        if not typed:
            self.complain("locations", _("Enter at least one PartnerID."))
            return record
        listed = listed_on(record["engagement"] or "")
        if cleaned["deed"] != "remove":
            return record | {"locations": [*listed, *(number for number in typed if number not in listed)]}
        if strangers := [str(number) for number in typed if number not in listed]:
            self.complain("locations", _("Not on the list: %(n)s.") % {"n": ", ".join(strangers)})
        return record | {"locations": [number for number in listed if number not in typed]}

    def before(self) -> Values:
        code = self.values["engagement"]
        return {"engagement": code, "locations": listed_on(code)}


def listed_on(code: str) -> list[int]:
    entries = PrivateListEntry.objects.filter(engagement__code=code).order_by("location__partner_number")
    return list(entries.values_list("location__partner_number", flat=True))


class CannedCommentForm(RecordForm):
    kind = "canned_comment"
    fixed = ("engagement", "code")
    sections = ((None, "engagement code title offered"), (_l("Text"), "english french japanese"))

    engagement = OneOf(label=_l("Engagement"))
    code = Words(label=_l("Code"), help_text=_l("Letters, digits, - and _; unique in the engagement."))
    title = Words(label=_l("Title"), help_text=_l("What reviewers choose it by."))
    offered = Flag(label=_l("Offered to reviewers"), initial=True)
    english = LongText(label=_l("English"))
    french = LongText(label=_l("French"))
    japanese = LongText(label=_l("Japanese"))

    def prepare(self) -> None:
        codes = Engagement.objects.for_partners().order_by("name").values_list("code", "name")
        self.fields["engagement"].offer((code, f"{name} ({code})") for code, name in codes)


FORMS: dict[str, type[RecordForm]] = {
    form.kind: form
    for form in (
        SolutionAreaForm,
        ActivityTypeForm,
        DesignationForm,
        MarketListForm,
        EngagementForm,
        RateCardForm,
        PrivateListForm,
        CannedCommentForm,
    )
}
