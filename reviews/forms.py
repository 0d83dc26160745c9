"""What a reviewer sends with a decision."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

OUT_OF_DATE = _("This page does not say which state of the claim you saw. Look at it again, then decide.")
COMMENT_MISSING = _("Write a comment first: it tells the partner what is missing, or why you decided so.")


class DecisionForm(forms.Form):
    """A comment for the partner, needed or not, and the revision of the claim that the page showed."""

    comment = forms.CharField(
        label=_("Comment to the partner"),
        max_length=4000,
        required=False,
        error_messages={"required": COMMENT_MISSING},
    )
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, needs_comment: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].required = needs_comment
