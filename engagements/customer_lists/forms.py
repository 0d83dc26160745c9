"""What the desk asks about lists of eligible customers: a file to take, an ID to look for."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from incentives.tables.forms import TableForm

from .. import customer_ids
from ..models import Engagement, IdKind, ListUpload


class ListUploadForm(TableForm):
    """A list of eligible customers, and what is to become of the one before."""

    mode = forms.ChoiceField(
        label=_("What to do with the list"),
        choices=ListUpload.Mode.choices,
        initial=ListUpload.Mode.REPLACE,
        widget=forms.RadioSelect,
    )
    field_order = ("mode",)


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
