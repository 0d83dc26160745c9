"""Sealing everything anew under the newest key, so that an older one can be dropped (ROLE-5)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import transaction

from ..models import PayeeProfile
from ..models.payee import Part
from . import sealing

BATCH = 500
SEALED = tuple(f"{part}_sealed" for part in Part)


@dataclass
class Rotation:
    """What a run did, and which locations (by PartnerID) still need an older key."""

    profiles: int = 0
    sealed_anew: int = 0
    held: list[int] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        return not (self.held or self.unreadable)


def rotate() -> Rotation:
    """Seal every number anew under the first key, then look through all of them and tell what is left.

    Works in batches of one transaction each and steps around rows that people are saving just then, so it may run
    twice, beside itself or again after it was stopped; its memory does not grow with the number of profiles.
    """
    done = Rotation()
    while sealed_anew := sum(passes()):
        done.sealed_anew += sealed_anew
    look_through(done)
    return done


def passes() -> Iterator[int]:
    """Goes through all profiles once, batch by batch; yields how many of each were sealed anew."""
    last: int | None = 0
    while last is not None:
        last, sealed_anew = rotate_batch(last)
        yield sealed_anew


@transaction.atomic
def rotate_batch(after: int) -> tuple[int | None, int]:
    """Seals the next batch anew; returns its last row, or None when it was empty, and how many were not yet."""
    rows = PayeeProfile.objects.filter(pk__gt=after).order_by("pk")
    batch = list(rows.select_for_update(skip_locked=True).only("pk", *SEALED)[:BATCH])
    changed = [profile for profile in batch if seal_anew(profile)]
    PayeeProfile.objects.bulk_update(changed, SEALED)
    return (batch[-1].pk if batch else None), len(changed)


def seal_anew(profile: PayeeProfile) -> bool:
    """Whether something of this profile was under an older key that could be read."""
    changed = False
    for name in older(profile):
        try:
            setattr(profile, name, sealing.seal_anew(getattr(profile, name)))
            changed = True
        except sealing.Unreadable:
            continue
    return changed


def older(profile: PayeeProfile) -> list[str]:
    """The columns that the newest key does not open."""
    return [
        name for name in SEALED if getattr(profile, name) and not sealing.is_newest(getattr(profile, name))
    ]


def look_through(done: Rotation) -> None:
    """Counts the profiles, and names those that still need an older key, or a key that is not there."""
    rows = PayeeProfile.objects.order_by("pk").only("pk", "location__partner_number", *SEALED)
    for profile in rows.select_related("location").iterator(chunk_size=BATCH):
        done.profiles += 1
        if left := older(profile):
            readable = all(sealing.is_readable(getattr(profile, name)) for name in left)
            (done.held if readable else done.unreadable).append(profile.location.partner_number)
