"""What the programme owner types: a form for each kind of catalogue record (ENG-8)."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from ..catalogue_records import MARKETS
from ..models import Designation, Engagement, MarketList, PrivateListEntry, RateCard
from .engagement_form import EngagementForm
from .fields import Codes, Day, Flag, LongText, OneOf, PartnerIds, SomeOf, Usd, Whole, Words
from .record_form import RecordForm, Values, choices_of


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
