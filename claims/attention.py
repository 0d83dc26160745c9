"""What a person must do soon: about claims, engagements that close, locations and payee profiles (ENG-3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engagements.models import Engagement, Verdict
from incentives.enrolment import OPEN_TO_ENROL
from incentives.models import Enrolment, Location, LocationRole, User

from .models import Claim
from .states import WAITING, Status
from .transitions import EXPIRY

NEAR = timedelta(days=14)


@dataclass(frozen=True)
class Matter:
    """One kind of thing to do: its key in the address, its heading, and what to do about each of them."""

    key: str
    name: str | Promise
    advice: str | Promise


# A claim is told once, under the first matter that fits it.
OF_CLAIMS = (
    Matter(
        "action",
        _("Partner action required"),
        _(
            "A reviewer asked for something. Read the comment, mend the proof of execution and submit the claim again."
        ),
    ),
    Matter(
        "dispute",
        _("Rejected, can still be disputed"),
        _("If you disagree, dispute the claim and submit it again, both before the deadline."),
    ),
    Matter(
        "consent",
        _("Consent not requested"),
        _("Send the customer the request for consent. Without an answer the claim expires."),
    ),
    Matter(
        "deadline",
        _("Deadline within 14 days"),
        _("Take the next step before the deadline, or the claim expires."),
    ),
)
OF_ENGAGEMENTS = (
    Matter(
        "closing",
        _("Engagements about to close"),
        _("Add customers until the last day. Claims that are open then run on to their own deadlines."),
    ),
)
OF_LOCATIONS = (
    Matter(
        "enrol",
        _("Locations to enroll"),
        _("Enroll these locations on the Overview page, so that they can claim."),
    ),
    Matter(
        "payee",
        _("Bank and tax details incomplete"),
        _("Earnings of these locations cannot be paid out before both are complete."),
    ),
)
MATTERS = {matter.key: matter for matter in OF_CLAIMS + OF_ENGAGEMENTS + OF_LOCATIONS}


def claims(user: User, *, now: datetime) -> QuerySet:
    """The claims that wait for this person, each with its `matter`, nearest deadline first."""
    running = Claim.objects.visible_to(user).filter(status__in=WAITING, expires_at__gt=now)
    matter = Case(
        When(status=Status.ACTION_REQUIRED, then=Value("action")),
        When(status=Status.REJECTED, disputed_at=None, then=Value("dispute")),
        When(status=Status.CUSTOMER_CLAIMED, then=Value("consent")),
        When(status__in=list(EXPIRY), expires_at__lte=now + NEAR, then=Value("deadline")),
        output_field=CharField(),
    )
    return running.annotate(matter=matter).filter(matter__isnull=False).order_by("expires_at", "pk")


def closing(user: User, *, now: datetime) -> QuerySet:
    """The engagements that soon take no new claims, where a location of the person is eligible or has an open claim."""
    today, places = now.date(), Location.objects.visible_to(user).order_by()
    eligible = Verdict.objects.filter(engagement=OuterRef("pk"), eligible=True, location__in=places)
    claimed = Claim.objects.open(now).filter(engagement=OuterRef("pk"), location__in=places).order_by()
    soon = today + timedelta(days=settings.CLOSING_DAYS)
    return (
        Engagement.objects.visible_to(user)
        .for_partners()
        .filter(opens_on__lte=today, closes_on__range=(today, soon))
        .filter(Exists(eligible) | Exists(claimed))
        .order_by("closes_on", "name")
    )


INCOMPLETE = ~Q(payee__bank_complete=True, payee__tax_complete=True)
TO_ENROL = Q(enrolment__status__in=OPEN_TO_ENROL)
UNPAYABLE = Q(enrolment__status=Enrolment.Status.ENROLLED) & INCOMPLETE


def administered(user: User) -> QuerySet:
    """The locations that this person may enrol and whose payee profile they may edit (ROLE-4, ROLE-5)."""
    return Location.objects.filter(roles__user=user, roles__role=LocationRole.Role.ADMIN)


def counts(user: User, *, now: datetime) -> Mapping[str, int]:
    """How many things there are to do, by matter."""
    waiting = claims(user, now=now).order_by().values_list("matter").annotate(Count("pk"))
    places = administered(user).aggregate(
        enrol=Count("pk", filter=TO_ENROL), payee=Count("pk", filter=UNPAYABLE)
    )
    found = {**dict(waiting), **places, "closing": closing(user, now=now).order_by().count()}
    return {key: found.get(key, 0) for key in MATTERS}


def entries(matter: str, user: User, *, now: datetime) -> QuerySet:
    """The claims, engagements or locations of one matter."""
    if MATTERS[matter] in OF_CLAIMS:
        shown = claims(user, now=now).filter(matter=matter)
        return shown.select_related("engagement", "location", "customer__organization").defer(
            "search_text", "search_vector"
        )
    if MATTERS[matter] in OF_ENGAGEMENTS:
        return closing(user, now=now).select_related("solution_area")
    return administered(user).filter(TO_ENROL if matter == "enrol" else UNPAYABLE).select_related("enrolment")
