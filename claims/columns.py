"""Which columns somebody's list of claims shows, remembered for them (CLM-1)."""

from collections.abc import Sequence

from incentives.models import User

from .listing import BY_KEY, USUAL
from .models import ShownColumns


def columns_of(user: User) -> list[str]:
    """The columns that this person chose, else the usual ones."""
    chosen = ShownColumns.objects.filter(user=user).values_list("columns", flat=True).first()
    # A column that the list no longer has is forgotten; one that can carry the row's link was always among them.
    known = [key for key in chosen or () if key in BY_KEY]
    return known if any(BY_KEY[key].never_empty for key in known) else USUAL


def choose(user: User, columns: Sequence[str]) -> None:
    ShownColumns.objects.update_or_create(user=user, defaults={"columns": list(columns)})


def reset(user: User) -> None:
    """Back to the usual columns, also where these change one day."""
    ShownColumns.objects.filter(user=user).delete()
