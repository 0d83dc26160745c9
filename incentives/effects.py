"""What a change would touch, as the question before it says it."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Effect:
    """One sentence about what a change touches, with what belongs to it."""

    text: str
    note: str | Promise = ""
    tone: str = ""
