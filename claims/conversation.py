"""Comments on a claim, from either side, in every status (POE-5)."""

import uuid
from datetime import datetime

from incentives.models import User

from .lifecycle import NotAllowed, deed
from .models import Claim, Comment
from .states import Party


@deed
def comment(
    claim: Claim, text: str, *, party: Party, by: User, now: datetime, form_key: uuid.UUID | None = None
) -> None:
    """Save a comment, once per form however often the form is sent (R06)."""
    if "comment" not in claim.allowed(party, now):
        raise NotAllowed.because(claim)
    row = Comment(claim=claim, party=party, author=by, text=text, at=now, form_key=form_key)
    Comment.objects.bulk_create([row], ignore_conflicts=True)
