"""The form of an engagement: its terms, criteria and limits, and the documents of its proof, row by row (ENG-8)."""

import re
from typing import Any

from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from ..catalogue_records import EVIDENCE, LIMITS, REFERRAL
from ..models import ActivityType, Designation, Engagement, EvidenceSlot, IdKind, SolutionArea
from ..recordfile import Wrong, checked, whole
from .fields import Day, Flag, LongText, OneOf, Sentences, SomeOf, Whole, WholeUsd, Words
from .record_form import RecordForm, Values, choices_of

SPARE_SLOTS, MOST_SLOTS = 3, 20


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
