"""What is typed about consent: the partner's deal size and promise, the customer's answer."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from .models import ConsentAnswer

# The wording of the question below; raise it with every change, for each answer is kept with the text it was given to.
TEXT_VERSION = "1"
MOST_USD = 999_999_999_999


class DealForm(forms.Form):
    """Deal information; whole US dollars (CON-1)."""

    deal_size_usd = forms.RegexField(
        r"^[0-9]{1,15}$",
        label=_("Deal size"),
        max_length=15,
        help_text=_(
            "What the customer's first 12 months of use, licences or seats from this engagement are worth, in whole US"
            " dollars. It cannot be changed once the request has been sent, and changes neither eligibility nor payout."
        ),
        error_messages={
            "invalid": _("Enter whole US dollars in digits only, without commas or cents: 25000")
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_deal_size_usd(self) -> int:
        amount = int(self.cleaned_data["deal_size_usd"])
        MinValueValidator(1, _("Enter an amount of at least 1 US dollar."))(amount)
        MaxValueValidator(MOST_USD, _("Enter an amount of at most %(limit_value)s US dollars."))(amount)
        return amount


class PrivacyForm(forms.Form):
    """The partner's promise about the contact details, before the first request (CON-1)."""

    privacy = forms.BooleanField(
        label=_("By checking this box, I confirm this on behalf of myself and my company."),
        error_messages={
            "required": _("Without this confirmation the request cannot be sent. Check the box if you agree.")
        },
    )


class AnswerForm(forms.Form):
    """The customer's Yes or No; nothing is chosen beforehand, so pressing Submit alone answers nothing (CON-4)."""

    answer = forms.ChoiceField(
        choices=ConsentAnswer.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose Yes or No.")},
    )
    decline_reason = forms.ChoiceField(
        label=_("Please let us know why you did not give consent"),
        choices=ConsentAnswer.Reason.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    decline_text = forms.CharField(
        label=_("Please provide a reason"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, partner: str, engagement: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        question = _(
            "Do you give your consent to work with partner '%(partner)s' to complete '%(engagement)s'?"
        )
        self.fields["answer"].label = self.text_shown = question % {
            "partner": partner,
            "engagement": engagement,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("answer") != ConsentAnswer.Answer.NO:
            return cleaned | {"decline_reason": "", "decline_text": ""}
        if not cleaned.get("decline_reason") and "decline_reason" not in self.errors:
            self.add_error(
                "decline_reason", _("You answered No: choose the reason. The partner does not see it.")
            )
        if cleaned.get("decline_reason") != ConsentAnswer.Reason.OTHER:
            return cleaned | {"decline_text": ""}
        if not cleaned.get("decline_text") and "decline_text" not in self.errors:
            self.add_error("decline_text", _("You chose Other: write the reason in a few words."))
        return cleaned
