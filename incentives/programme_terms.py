"""The versions of the program terms: the rules for the next one, what it changes, and how it is published (ROLE-4)."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_countries import countries

from .effects import Effect
from .enrolment import MOVES, Outcome, ask_for_validation
from .models import Enrolment, ProgrammeTerms, User

_Status = Enrolment.Status
# What is published stays, and the next version is later: a year mistyped by a century would be the last version ever.
AHEAD = timedelta(days=2 * 365)
PUBLISHING = 0x7465726D  # the lock of whoever publishes


@dataclass(frozen=True)
class Draft:
    """What the programme owner writes for one version."""

    version: str
    title: str
    text: str
    in_force_from: date
    not_offered_in: list[str]


@dataclass(frozen=True)
class Problem:
    """Why a version cannot be published as it is: at which field, and what to do."""

    field: str
    text: str


class TermsRefused(Exception):
    """A version is not published; says why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(problem.text for problem in problems))
        self.problems = problems


class Overtaken(Exception):
    """Another version was published since the owner was asked about this one."""


def newest() -> ProgrammeTerms | None:
    """The version that every next one must be later than."""
    return ProgrammeTerms.objects.order_by("-in_force_from").first()


@transaction.atomic
def publish(draft: Draft, *, after: int | None, by: User, now: datetime) -> ProgrammeTerms:
    """Publish the next version, and have every enrolment judged by it if it is in force at once.

    One publishes at a time. A form that is sent twice publishes once: the second finds its very words published.
    Raises Overtaken when `after`, the newest version that the owner knew of, is no longer the newest, and TermsRefused.
    """
    one_publishes()
    if published := ProgrammeTerms.objects.filter(**asdict(draft)).first():
        return published
    last = newest()
    if after != (last.pk if last else None):
        raise Overtaken
    if problems := list(why_not(draft, now=now)):
        raise TermsRefused(problems)
    terms = ProgrammeTerms.objects.create(**asdict(draft), published_at=now, published_by=by)
    ask_for_validation()
    return terms


def one_publishes() -> None:
    """Wait for whoever publishes, until the end of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PUBLISHING])


def why_not(draft: Draft, *, now: datetime) -> Iterator[Problem]:
    """What keeps this version from being published at this instant."""
    today, last = now.date(), newest()
    if ProgrammeTerms.objects.filter(version__iexact=draft.version).exists():
        yield Problem("version", _("There is a version of this name already. Choose another name."))
    if draft.in_force_from < today:
        yield Problem("in_force_from", _("This day has passed. Choose today (UTC) or a later day."))
    elif last and draft.in_force_from <= last.in_force_from:
        words = _("Version %(version)s is in force from %(day)s. Choose a later day.")
        yield Problem("in_force_from", words % {"version": last.version, "day": written(last.in_force_from)})
    elif draft.in_force_from > today + AHEAD:
        words = _(
            "This is more than two years ahead. Check the year: what is published cannot be taken back."
        )
        yield Problem("in_force_from", words)


def effects(draft: Draft) -> list[Effect]:
    """What this version would change for locations as they stand today, in a constant number of queries."""
    last = newest()
    before, after = set(last.not_offered_in if last else ()), set(draft.not_offered_in)
    return [
        *of_countries_closed(after - before),
        *of_countries_opened(before - after),
        of_terms_accepted(draft),
    ]


def standing_in(codes: set[str]) -> dict[str, int]:
    """How many locations that validation looks at stand where, in these countries; members of the programme only."""
    found = Enrolment.objects.filter(location__country__in=codes, location__is_member=True).order_by()
    counted = found.exclude(status=_Status.DISCONTINUED).values_list("status").annotate(Count("pk"))
    return dict(counted)


def of_countries_closed(codes: set[str]) -> Iterator[Effect]:
    """Who falls out: the table of moves says who becomes Inactive, and who Ineligible."""
    counts = dict.fromkeys((_Status.INACTIVE, _Status.INELIGIBLE), 0)
    for status, number in standing_in(codes).items() if codes else ():
        if to := MOVES.get((_Status(status), Outcome.SHUT)):
            counts[to] += number
    where = _("No longer offered in: %(countries)s.") % {"countries": names(codes)}
    if number := counts[_Status.INACTIVE]:
        text = ngettext(
            "%(n)s enrolled location becomes Inactive", "%(n)s enrolled locations become Inactive", number
        )
        note = _("They can make no new claims; open claims go on.")
        yield Effect(text % {"n": number}, f"{where} {note}", "warn")
    if number := counts[_Status.INELIGIBLE]:
        text = ngettext(
            "%(n)s location that is invited or enrolling becomes Ineligible",
            "%(n)s locations that are invited or enrolling become Ineligible",
            number,
        )
        yield Effect(text % {"n": number}, where, "warn")
    if not any(counts.values()):
        yield Effect(_("No location loses its enrollment or its invitation"), where if codes else "")


def of_countries_opened(codes: set[str]) -> Iterator[Effect]:
    if not codes:
        return
    number = sum(standing_in(codes).values())
    text = ngettext("%(n)s location is validated anew", "%(n)s locations are validated anew", number)
    where = _("Offered again in: %(countries)s.") % {"countries": names(codes)}
    yield Effect(text % {"n": number}, where, "good")


def of_terms_accepted(draft: Draft) -> Effect:
    number = Enrolment.objects.filter(status=_Status.ENROLLED).count()
    text = ngettext(
        "%(n)s enrolled location keeps the terms that it accepted",
        "%(n)s enrolled locations keep the terms that they accepted",
        number,
    )
    note = _("Whoever enrolls from %(day)s on accepts this version.")
    return Effect(text % {"n": number}, note % {"day": written(draft.in_force_from)})


def written(day: date) -> str:
    """A day as pages show it: Nov 21, 2026."""
    return date_format(day, "M j, Y")


def names(codes: Iterable[str]) -> str:
    """Countries by their names, in the order of the names."""
    return ", ".join(sorted(countries.name(code) or code for code in codes))
