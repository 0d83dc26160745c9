"""What the desk asks about lists of eligible customers: a file to take, an ID to look for."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .. import customer_ids
from ..models import Engagement, IdKind, ListUpload

WHOLE = "whole"


class ListUploadForm(forms.Form):
    """A list to upload. Its last field arrives only if everything before it did: half a file must not pass for one."""

    mode = forms.ChoiceField(
        label=_("What to do with the list"),
        choices=ListUpload.Mode.choices,
        initial=ListUpload.Mode.REPLACE,
        widget=forms.RadioSelect,
    )
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


class SearchForm(forms.Form):
    """One customer ID to look for on the list, in any spelling that the wizard would take."""

    kind = forms.ChoiceField(label=_("Customer ID type"))
    value = forms.CharField(label=_("Customer ID"), max_length=300)

    def __init__(self, *args: Any, engagement: Engagement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind, IdKind(kind).label) for kind in engagement.id_types]
        self.fields["kind"] = forms.ChoiceField(label=_("Customer ID type"), choices=kinds)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "kind" in cleaned and "value" in cleaned:
            try:
                cleaned["value"] = customer_ids.normalize(cleaned["kind"], cleaned["value"])
            except ValidationError as wrong:
                self.add_error("value", wrong)
        return cleaned
