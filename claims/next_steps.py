"""The one thing to do next about a claim in each status, as the table of allowed actions gives it (ENG-6)."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .states import Status


@dataclass(frozen=True)
class NextStep:
    """Its words, and the page on which it is taken: a name of an address, and the step of a wizard if it begins one."""

    words: str | Promise
    page: str
    step: str = ""

    def address(self, claim: int) -> str:
        return reverse(self.page, args=[claim, self.step] if self.step else [claim])


SUBMIT = NextStep(_("Submit claim"), "claims:detail")
NEXT_STEPS = {
    Status.CUSTOMER_CLAIMED: NextStep(_("Send email for customer consent"), "consent:request", "contacts"),
    Status.AWAITING_CONSENT: NextStep(_("Re-send customer consent email"), "consent:request", "review"),
    Status.CONSENT_RECEIVED: SUBMIT,
    Status.ACTION_REQUIRED: SUBMIT,
    Status.DISPUTED: SUBMIT,
}
