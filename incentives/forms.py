"""Forms of the workspace, and what forms of all rooms share."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


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
