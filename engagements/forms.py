"""What the programme owner fills in at the desk."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from incentives.filekinds import ALLOWED
from incentives.forms import FormKey

from .materials import Publication

EXTENSIONS = ",".join(kind.extension for kind in ALLOWED)


class VersionForm(forms.Form):
    """One version of a template or of delivery material."""

    file = forms.FileField(
        label=_("File"),
        max_length=255,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": EXTENSIONS}),
        error_messages={"required": _("Choose the file to publish.")},
    )
    effective_on = forms.DateField(
        label=_("In effect from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Partners can download a version at once. It counts from this day on, in UTC."),
    )
    changes = forms.CharField(
        label=_("What is new"),
        max_length=300,
        required=False,
        help_text=_("One sentence for partners and reviewers."),
    )
    form_key = FormKey()

    too_large = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = settings.UPLOAD_MAX_BYTES // (1024 * 1024)
        self.fields["file"].help_text = _("%(kinds)s, up to %(limit)s MB") % {
            "kinds": EXTENSIONS.replace(",", " "),
            "limit": limit,
        }

    def publication(self) -> Publication:
        """What was filled in, once the form is valid."""
        return Publication(**{name: self.cleaned_data[name] for name in Publication.__dataclass_fields__})


class DeliveryMaterialForm(VersionForm):
    """The first version of delivery material, with the title under which partners find it."""

    title = forms.CharField(label=_("Title"), max_length=120)
    field_order = ("title", "file", "effective_on", "changes", "form_key")
