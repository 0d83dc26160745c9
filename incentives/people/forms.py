"""What people type about themselves and their colleagues: addresses, roles, passwords."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from mail.models import ReminderWish

from ..forms import Address
from ..models import Location, LocationRole, Partner, PartnerRole, User
from .grants import Roles

ADDRESS = {"autocomplete": "off", "spellcheck": "false"}


class RolesForm(forms.Form):
    """Roles to give; a location is named by its PartnerID, and only those of the company exist here."""

    role = forms.ChoiceField(
        label=_("Incentives role"),
        choices=LocationRole.Role.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("An Incentive Admin also enrolls the location and edits its bank and tax details."),
    )
    locations = forms.ModelMultipleChoiceField(
        label=_("Locations"),
        queryset=Location.objects.none(),
        to_field_name="partner_number",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": _("%(value)s is not a PartnerID of your company. Nothing was changed."),
            "invalid_pk_value": _("%(pk)s is not a PartnerID of your company. Nothing was changed."),
        },
    )
    company_roles = forms.MultipleChoiceField(
        label=_("Roles for the whole company"),
        choices=PartnerRole.Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    needs_a_role = True

    def __init__(self, data: QueryDict | None, *, company: Partner) -> None:
        # It opens over a list whose filter has fields of the same names.
        super().__init__(data, auto_id="given_%s")
        cast(Any, self.fields["locations"]).queryset = company.locations.select_related("partner")

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("locations") and not typed.get("role") and "role" not in self.errors:
            self.add_error("role", _("Choose the role for these locations."))
        if typed.get("role") and not typed.get("locations") and "locations" not in self.errors:
            self.add_error("locations", _("Choose at least one location for this role."))
        if self.needs_a_role and not self.errors and not (typed.get("role") or typed.get("company_roles")):
            raise ValidationError(_("Choose at least one role."))
        return typed

    @property
    def roles(self) -> Roles:
        typed = self.cleaned_data
        return Roles(typed["role"], list(typed["locations"]), typed["company_roles"])


class InvitationForm(RolesForm):
    """Whom to invite; roles can also be given later."""

    email = Address(label=_("E-mail address"), widget=forms.EmailInput(attrs=ADDRESS))
    full_name = forms.CharField(
        label=_("Full name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    field_order = ("full_name", "email", "role", "locations", "company_roles")
    needs_a_role = False

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class RemovalForm(forms.Form):
    """Which of a person's roles to take away."""

    incentive = forms.ModelMultipleChoiceField(queryset=LocationRole.objects.none(), required=False)
    company = forms.ModelMultipleChoiceField(queryset=PartnerRole.objects.none(), required=False)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(Any, self.fields["incentive"]).queryset = person.location_roles.all()
        cast(Any, self.fields["company"]).queryset = person.partner_roles.all()

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if not self.errors and not typed.get("incentive") and not typed.get("company"):
            raise ValidationError(_("Select the roles to remove first."))
        return typed


class PasswordForm(forms.Form):
    """A new password, typed twice, judged by the rules for this person."""

    new_password = forms.CharField(
        label=_("New password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("Confirm password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["new_password"].help_text = " ".join(password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        new, again = typed.get("new_password"), typed.get("again")
        if new and again and new != again:
            self.add_error("again", _("The two passwords are not the same."))
        elif new:
            self.judge(new)
        return typed

    def judge(self, password: str) -> None:
        try:
            validate_password(password, self.person)
        except ValidationError as refusal:
            self.add_error("new_password", refusal)


class ChangeForm(PasswordForm):
    """Another password for somebody who is signed in: the present one proves that it is them."""

    current_password = forms.CharField(
        label=_("Current password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("current_password", "new_password", "again")

    def clean_current_password(self) -> str:
        given = self.cleaned_data["current_password"]
        if not self.person.check_password(given):
            raise ValidationError(_("This is not your current password."))
        return given


class AcceptanceForm(PasswordForm):
    """What somebody chooses who accepts an invitation."""

    full_name = forms.CharField(
        label=_("Full name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("full_name", "new_password", "again")

    def judge(self, password: str) -> None:
        self.person.full_name = self.cleaned_data.get("full_name", self.person.full_name)
        super().judge(password)


def ways_to_be_reminded() -> list[tuple[str, Any]]:
    """Each way by its words, and of the digest from which hour on it comes."""
    from_hour = format_lazy(
        _("One email a day, after {hour:02d}:00 UTC, with all deadlines that come near"),
        hour=settings.REMINDER_DIGEST_HOUR,
    )
    how = ReminderWish.How
    return [(how.EACH, _("Each by itself")), (how.DAILY, from_hour), (how.NONE, _("No reminders"))]


class RemindersForm(forms.Form):
    how = forms.ChoiceField(
        label=_("How reminders reach you"),
        choices=ways_to_be_reminded,
        widget=forms.RadioSelect,
        help_text=_("Requests, decisions and what concerns your account reach you in any case."),
    )


class ForgottenForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
