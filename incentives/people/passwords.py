"""One's own password: changing it, setting a forgotten one anew, and ending all sessions (L14, S03)."""

from datetime import datetime, timedelta

from django.db import transaction

from mail import outbox, queue
from mail.models import Link

from ..models import AuditEntry, ResetRequest, User
from .company import write

Action = AuditEntry.Action
LIFE = timedelta(hours=1)
# Nobody can kill the link in somebody's newest letter by asking for another one at once.
NO_NEWER_LINK_FOR = timedelta(minutes=10)
ANSWERER = "incentives.tasks.answer_reset_requests"


class LinkDied(Exception):
    """The link was used or replaced, or the person deactivated, after its form was shown."""


@transaction.atomic
def change(person: User, password: str, *, now: datetime) -> None:
    """Set another password; every session ends but the one that the caller keeps, and a letter tells the person."""
    person.refresh_from_db(from_queryset=User.objects.select_for_update(no_key=True))
    enter_password(person, password, now=now)


def enter_password(person: User, password: str, *, now: datetime) -> None:
    person.set_password(password)
    person.save(update_fields=["password"])
    person.end_sessions()
    Link.revoke_all(Link.Purpose.PASSWORD_RESET, person.pk, now=now)
    write(Action.PASSWORD_CHANGED, person, by=person, now=now)
    outbox.post(
        "password_changed",
        to=person.email,
        now=now,
        person=person.full_name,
        at=f"{now:%Y-%m-%d %H:%M} UTC",
    )


@transaction.atomic
def sign_out_everywhere(person: User, *, now: datetime) -> None:
    """End every session of the person, whichever browser holds it."""
    person.end_sessions()
    write(Action.SIGNED_OUT, person, by=person, now=now)


@transaction.atomic
def ask_for_reset(address: str, *, now: datetime) -> None:
    """Note that somebody forgot the password of this address.

    The same row for every address, known or not, and one however often it is asked; a worker looks it up, so that the
    answer tells nothing, not even by the time it takes.
    """
    ResetRequest.objects.bulk_create([ResetRequest(address=address, at=now)], ignore_conflicts=True)
    queue.after_commit(ANSWERER)


def answer_reset_requests(*, now: datetime) -> int:
    """Write to the known people among those who asked; every request is taken once. Returns how many were taken."""
    waiting = ResetRequest.objects.order_by("pk").values_list("pk", flat=True)
    return sum(answer(pk, now=now) for pk in list(waiting))


@transaction.atomic
def answer(pk: int, *, now: datetime) -> bool:
    request = ResetRequest.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if request is None:
        return False
    people = User.objects.select_for_update(no_key=True).filter(is_active=True)
    person = people.filter(email__iexact=request.address).first()
    if person and person.has_usable_password() and not was_just_sent(person, now=now):
        send(person, now=now)
    request.delete()
    return True


def was_just_sent(person: User, *, now: datetime) -> bool:
    living = Link.objects.filter(purpose=Link.Purpose.PASSWORD_RESET, subject_id=person.pk, revoked_at=None)
    return living.filter(used_at=None, created_at__gt=now - NO_NEWER_LINK_FOR).exists()


def send(person: User, *, now: datetime) -> None:
    link = Link.mint(
        Link.Purpose.PASSWORD_RESET, person.pk, address=person.email, now=now, expires_at=now + LIFE
    )
    outbox.post(
        Link.Purpose.PASSWORD_RESET.value,
        to=person.email,
        now=now,
        link=link,
        person=person.full_name,
        deadline=f"{link.expires_at:%Y-%m-%d %H:%M} UTC",
    )


@transaction.atomic
def reset(link: Link, password: str, *, now: datetime) -> User:
    """Set the password that was forgotten, once per link; every session of the person ends, and none begins.

    Raises LinkDied when the link was used or replaced, or the person deactivated meanwhile.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=link.subject_id)
    if not person.is_active or not link.spend(now):
        raise LinkDied
    enter_password(person, password, now=now)
    return person
