"""The columns of a sheet: those of the wizard's fields by their labels, and those that only a report has."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incentives.tables.refusals import TableRefused, shown

from ..forms import AssociateCustomerForm, AssociateEngagementForm, ContactInformationForm

LABELS = {
    name: field.label or name
    for form in (AssociateCustomerForm, AssociateEngagementForm, ContactInformationForm)
    for name, field in form.base_fields.items()
}


@dataclass(frozen=True)
class Column:
    """One column, known by the name of the field that its cells are typed into."""

    key: str
    heading: str | Promise
    needed: bool
    what: str | Promise
    example: str = ""


COLUMNS = (
    Column(
        "engagement",
        gettext_lazy("Engagement"),
        True,
        gettext_lazy("Its name or its code."),
        "Endpoint Management Workshop",
    ),
    Column(
        "name",
        LABELS["name"],
        True,
        gettext_lazy("A name that helps you find this claim."),
        "Contoso, spring campaign",
    ),
    Column(
        "location",
        gettext_lazy("Partner location (PartnerID)"),
        True,
        gettext_lazy("The PartnerID of one of your enrolled locations."),
        "5272302",
    ),
    Column(
        "id_kind",
        LABELS["id_kind"],
        True,
        gettext_lazy("One of the types that the engagement takes."),
        "Domain name",
    ),
    Column(
        "id_value",
        LABELS["id_value"],
        True,
        gettext_lazy("A domain name is entered without “https://” or “www.”."),
        "contoso.com",
    ),
    Column(
        "requested_hours",
        LABELS["requested_hours"],
        False,
        gettext_lazy("Whole hours, for an engagement of variable payout only."),
    ),
    Column("customer_contact_name", LABELS["customer_contact_name"], True, "", "Susie Jones"),
    Column("customer_contact_email", LABELS["customer_contact_email"], True, "", "susie@contoso.com"),
    Column("customer_contact_title", LABELS["customer_contact_title"], False, "", "IT Manager"),
    Column(
        "partner_contact_name",
        LABELS["partner_contact_name"],
        False,
        gettext_lazy("Left empty, it is your own name."),
    ),
    Column(
        "partner_contact_email",
        LABELS["partner_contact_email"],
        False,
        gettext_lazy("Left empty, it is your own address."),
    ),
    Column(
        "domain_mismatch_reason",
        LABELS["domain_mismatch_reason"],
        False,
        gettext_lazy(
            "Needed where the customer contact's address belongs to none of the customer's domains."
        ),
    ),
)
BY_KEY = {column.key: column for column in COLUMNS}
# What a report says of each row; a sheet that was a report before may still have it.
RESULTS = (gettext_lazy("Result"), gettext_lazy("Claim ID"), gettext_lazy("What to mend"))
KEYS_OF_FIELDS = {"engagements": "engagement", "__all__": ""}


def places(headings: Sequence[str]) -> dict[int, str]:
    """Where the cells of each column stand, by the headings in the first row, in whichever order they come.

    Raises TableRefused, which names every heading that is missing, unknown or there twice.
    """
    keys = {spelled(str(column.heading)): column.key for column in COLUMNS}
    keys |= {spelled(str(heading)): "" for heading in RESULTS}
    found = {place: spelled(heading) for place, heading in enumerate(headings) if heading.strip()}
    if unknown := [headings[place].strip() for place, heading in found.items() if heading not in keys]:
        raise TableRefused(_("The first row names columns that are not known: %(names)s.") % named(unknown))
    known = [keys[heading] for heading in found.values() if keys[heading]]
    if twice := [str(column.heading) for column in COLUMNS if known.count(column.key) > 1]:
        raise TableRefused(_("The first row names a column twice: %(names)s.") % named(twice))
    missing = [str(column.heading) for column in COLUMNS if column.needed and column.key not in known]
    if missing:
        text = _("The first row must name the columns. These are missing: %(names)s. Download the template.")
        raise TableRefused(text % named(missing))
    return {place: keys[heading] for place, heading in found.items()}


def spelled(heading: str) -> str:
    return " ".join(heading.split()).casefold()


def named(headings: Sequence[str]) -> dict[str, str]:
    return {"names": get_text_list([f"“{shown(heading)}”" for heading in headings], _("and"))}


def said(findings: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """What was found in a row, each with the heading of the column it was found in, or without one."""
    for key, texts in findings.items():
        for text in texts:
            yield str(BY_KEY[key].heading) if key in BY_KEY else "", text
