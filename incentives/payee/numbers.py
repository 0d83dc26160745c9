"""Account and tax numbers as people type them: brought into one form, and shown by nothing but their end."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

# What people write between the characters of a number: spaces of any width, dots, slashes, hyphens and dashes.
BETWEEN = re.compile(r"[\s./\-\u2010-\u2015\u2212]+")
PLAIN = re.compile(r"[0-9A-Za-z]+")
MOST_SHOWN = 4
# With a space at which no line breaks.
HIDDEN = "••••\N{NO-BREAK SPACE}"


@sensitive_variables()
def compact(typed: str) -> str:
    """Capital letters and digits alone; raises ValidationError for characters that no such number has."""
    bare = BETWEEN.sub("", typed)
    if bare and not PLAIN.fullmatch(bare):
        raise ValidationError(_("Use only the letters A to Z and the digits 0 to 9; spaces do no harm."))
    return bare.upper()


@sensitive_variables()
def mask(number: str) -> str:
    """The last characters: four at most, and never more than a third of the number."""
    return HIDDEN + number[-min(MOST_SHOWN, max(1, len(number) // 3)) :]


@sensitive_variables()
def of_length(number: str, shortest: int, longest: int) -> str:
    """The same number; raises ValidationError when it is shorter or longer, or has no digit at all."""
    if not shortest <= len(number) <= longest:
        words = _("It must have %(shortest)s to %(longest)s characters, and has %(found)s.")
        raise ValidationError(
            words % {"shortest": shortest, "longest": longest, "found": len(number)}, code="length"
        )
    if not any(character.isdigit() for character in number):
        raise ValidationError(_("It must have at least one digit."))
    return number
