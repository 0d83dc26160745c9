"""What partners type: contacts, comments, files, and the steps of the Add customer wizard."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from engagements import customer_ids
from engagements.models import IdKind
from incentives.forms import Address, FormKey
from incentives.models import Location

from . import directory
from .models import CustomerIdentity, Document
from .offers import Offer

# More hours than a person works in four years: a slip of the keyboard, not a plan.
MOST_HOURS = 9_999
MOST_KEY = 2**63 - 1


class CommentForm(forms.Form):
    text = forms.CharField(
        label=_("Comment"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write a comment first.")},
    )
    form_key = FormKey()


class StartForm(forms.Form):
    """Where the Add customer wizard is opened from: a closed claim, an engagement and its customer, or an area."""

    engagement = forms.SlugField(required=False)
    area = forms.SlugField(required=False)
    customer = forms.IntegerField(required=False, min_value=1, max_value=MOST_KEY)
    claim = forms.IntegerField(required=False, min_value=1, max_value=MOST_KEY)


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list | tuple) and data else [data or None]
        return [super(ManyFilesField, self).clean(file, initial) for file in files]


class UploadForm(forms.Form):
    files = ManyFilesField(max_length=255, allow_empty_file=True)  # type: ignore[assignment]  # moved to fields
    form_key = FormKey()


class RemovalForm(forms.Form):
    fields: dict[str, Any]
    documents = forms.ModelMultipleChoiceField(queryset=Document.objects.none())

    def __init__(self, *args: Any, documents: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["documents"].queryset = documents


class CustomerContactForm(forms.Form):
    """The customer's contact; asks for a reason when the address belongs to none of the customer's domains (WIZ-5)."""

    customer_contact_name = forms.CharField(label=_("Customer contact name"), max_length=120)
    customer_contact_email = Address(label=_("Customer contact email"))
    customer_contact_title = forms.CharField(
        label=_("Customer contact work title"), max_length=120, required=False
    )
    domain_mismatch_reason = forms.CharField(
        label=_("Domain mismatch reason"),
        max_length=500,
        required=False,
        help_text=_("Needed only when the address above does not belong to the customer's domain."),
    )

    def __init__(self, *args: Any, customer: CustomerIdentity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer
        if customer.kind not in {IdKind.DOMAIN, IdKind.TENANT}:
            del self.fields["domain_mismatch_reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        address = cleaned.get("customer_contact_email")
        if address and directory.is_foreign_address(self.customer, address):
            if not cleaned.get("domain_mismatch_reason"):
                self.add_error(
                    "domain_mismatch_reason",
                    _(
                        "This address does not belong to the customer's domain. Say why, or use another address."
                    ),
                )
        elif "domain_mismatch_reason" in cleaned:
            cleaned["domain_mismatch_reason"] = ""
        return cleaned


class PartnerContactForm(forms.Form):
    partner_contact_name = forms.CharField(label=_("Partner contact name"), max_length=120)
    partner_contact_email = Address(label=_("Partner contact email"))

    def __init__(self, *args: Any, customer: CustomerIdentity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class LocationSelect(forms.Select):
    """Shows the locations that cannot be used, disabled and with the reason (reading 3.28)."""

    disabled: set[int] = set()

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, label, *args, **kwargs)
        if getattr(value, "value", None) in self.disabled:
            option["label"] = _("%(location)s - Your location ID is not eligible") % {"location": label}
            option["attrs"]["disabled"] = True
        return option


class AssociateCustomerForm(forms.Form):
    """Step 1: claim name, partner location, and the customer by one typed ID (WIZ-1 to WIZ-3)."""

    fields: dict[str, Any]
    name = forms.CharField(
        label=_("Claim name"), max_length=120, help_text=_("A name that helps you find this claim.")
    )
    location = forms.ModelChoiceField(
        label=_("Partner location"),
        queryset=Location.objects.none(),
        empty_label=_("Select a location"),
        widget=LocationSelect,
    )
    id_kind = forms.ChoiceField(label=_("Customer ID type"))
    id_value = forms.CharField(
        label=_("Customer ID"),
        max_length=255,
        help_text=_("A domain name is entered without “https://” or “www.”: contoso.com"),
    )

    def __init__(
        self,
        *args: Any,
        locations: QuerySet,
        ineligible: Sequence[Location],
        kinds: Collection[str],
        known: CustomerIdentity | None,
        now: datetime,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.known, self.now = known, now
        self.fields["location"].queryset = locations
        self.fields["location"].widget.disabled = {location.pk for location in ineligible}
        self.fields["id_kind"].choices = [(kind.value, kind.label) for kind in IdKind if kind in kinds]
        if known:
            for name, value in (("id_kind", known.kind), ("id_value", known.value)):
                self.fields[name].initial, self.fields[name].disabled = value, True
            self.fields["id_value"].help_text = _("The customer of an earlier claim cannot be changed here.")

    def clean_location(self) -> Location:
        location = self.cleaned_data["location"]
        if location.pk in self.fields["location"].widget.disabled:
            raise ValidationError(_("Your location ID is not eligible. Choose another location."))
        return location

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.known:
            return cleaned | {"customer": self.known}
        if cleaned.get("id_kind") and cleaned.get("id_value"):
            try:
                cleaned["id_value"] = customer_ids.normalize(cleaned["id_kind"], cleaned["id_value"])
                cleaned["customer"] = directory.find(cleaned["id_kind"], cleaned["id_value"], now=self.now)
            except ValidationError as error:
                self.add_error("id_value", error)
            except directory.Unreachable:
                self.add_error("id_value", self.not_now(cleaned["id_kind"]))
        return cleaned

    def not_now(self, kind: str) -> str:
        """That an ID of this kind cannot be looked up at the moment, and which other kinds can."""
        others = [str(label) for other, label in self.fields["id_kind"].choices if other != kind]
        if not others:
            return gettext("The customer directory cannot be asked right now. Try again in a minute.")
        return gettext(
            "The customer directory cannot be asked right now. Try again in a minute,"
            " or choose another customer ID type: %(types)s."
        ) % {"types": get_text_list(others, gettext("or"))}


class AssociateEngagementForm(forms.Form):
    """Step 2: the engagements that both the location and the customer are eligible for (WIZ-4).

    Several of fixed payout, or for an Opportunity ID exactly one of variable payout, with the hours asked for.
    """

    fields: dict[str, Any]
    engagements = forms.MultipleChoiceField(
        label=_("Engagements"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Select at least one engagement.")},
    )
    requested_hours = forms.IntegerField(
        label=_("Requested hours"),
        min_value=1,
        max_value=MOST_HOURS,
        help_text=_("Whole hours. They cannot be changed once the claim exists."),
    )

    def __init__(self, *args: Any, offers: Sequence[Offer], by_the_hour: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_the_hour = by_the_hour
        self.offers = {offer.engagement.code: offer for offer in offers}
        self.fields["engagements"].choices = [
            (code, offer.engagement.name) for code, offer in self.offers.items()
        ]
        if not by_the_hour:
            del self.fields["requested_hours"]

    @property
    def has_eligible(self) -> bool:
        return any(offer.eligible for offer in self.offers.values())

    @property
    def ineligible_count(self) -> int:
        return sum(not offer.eligible for offer in self.offers.values())

    def clean_engagements(self) -> list[Any]:
        chosen = [self.offers[code] for code in dict.fromkeys(self.cleaned_data["engagements"])]
        if self.by_the_hour and len(chosen) > 1:
            raise ValidationError(_("Select one engagement: an Opportunity ID is claimed for one at a time."))
        for offer in chosen:
            if not offer.eligible:
                reasons = ", ".join(str(reason.text) for reason in offer.reasons)
                raise ValidationError(
                    _("%(engagement)s cannot be claimed: %(reasons)s.")
                    % {"engagement": offer.engagement, "reasons": reasons}
                )
        return [offer.engagement for offer in chosen]


class ContactInformationForm(CustomerContactForm):
    """Step 3: both contacts on one page (WIZ-5)."""

    partner_contact_name = forms.CharField(label=_("Partner contact name"), max_length=120)
    partner_contact_email = Address(label=_("Partner contact email"))
