"""What is asked of everybody who uploads a table."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

WHOLE = "whole"


class TableForm(forms.Form):
    """A table to upload. Its last field arrives only if everything before it did: half a file must not pass for one."""

    form_key = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    file = forms.FileField(
        label=_("File"),
        max_length=255,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={"required": _("Choose a CSV file or an Excel workbook first.")},
    )
    end = forms.ChoiceField(
        choices=[(WHOLE, WHOLE)],
        initial=WHOLE,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("The upload broke off on its way. Send it again.")
        ),
    )
