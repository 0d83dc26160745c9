"""Forms of the workspace, and what forms of all rooms share."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mail.addresses import on_the_wire

# RFC 5321, 4.5.3.1: of the whole address, and of the part before the @.
LONGEST, LONGEST_NAME = 254, 64


class FormKey(forms.UUIDField):
    """A hidden key made when the form is shown, so that sending the form twice saves it once (R06)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.HiddenInput, initial=uuid.uuid4, **kwargs)


class Sentence(forms.CharField):
    """A text of one paragraph: line breaks and runs of spaces in it are one space."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": forms.Textarea(attrs={"rows": 3})} | kwargs)

    def to_python(self, value: Any) -> str:
        return " ".join(str(super().to_python(value)).split())


class Address(forms.EmailField):
    """An address that mail of ours can reach; what cannot be is refused here, not days later by a server."""

    default_error_messages = {
        "letters": _(
            "Before the @ only the letters a to z, digits and signs are possible, because not every mail server takes"
            " others. Enter another address of this person."
        ),
        "domain": _("No mail can be sent to the part after the @. Enter an address like susie@contoso.com."),
        "long": _("This address is longer than mail servers take. Enter a shorter one."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 254} | kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        name = str(value).rpartition("@")[0]
        if not name.isascii():
            raise forms.ValidationError(self.error_messages["letters"], code="letters")

    def clean(self, value: Any) -> Any:
        address = super().clean(value)
        try:
            written = on_the_wire(address) if address else ""
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["domain"], code="domain") from error
        if written.endswith("]"):
            raise forms.ValidationError(self.error_messages["domain"], code="domain")
        if len(written) > LONGEST or len(written.rpartition("@")[0]) > LONGEST_NAME:
            raise forms.ValidationError(self.error_messages["long"], code="long")
        return address


class SignInForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class EnrolForm(forms.Form):
    """The person's word that they read these terms; `terms` is the version that stood on their page."""

    terms = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31)
    accepted = forms.BooleanField(
        label=_("I have read these terms and accept them for this location."),
        error_messages={"required": _("Read the terms and tick the box to enroll the location.")},
    )
