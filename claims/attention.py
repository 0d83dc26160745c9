"""What a person must do soon: claims that wait for them, locations to enrol, payee profiles to complete (ENG-3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, CharField, Count, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incentives.enrolment import OPEN_TO_ENROL
from incentives.models import Enrolment, Location, LocationRole, User
from incentives.models.payee import incomplete

from .models import Claim
from .states import Status
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
MATTERS = {matter.key: matter for matter in OF_CLAIMS + OF_LOCATIONS}


def claims(user: User, *, now: datetime) -> QuerySet:
    """The claims that wait for this person, each with its `matter`, nearest deadline first."""
    running = Claim.objects.visible_to(user).filter(expires_at__gt=now)
    matter = Case(
        When(status=Status.ACTION_REQUIRED, then=Value("action")),
        When(status=Status.REJECTED, disputed_at=None, then=Value("dispute")),
        When(status=Status.CUSTOMER_CLAIMED, then=Value("consent")),
        When(status__in=list(EXPIRY), expires_at__lte=now + NEAR, then=Value("deadline")),
        output_field=CharField(),
    )
    return running.annotate(matter=matter).filter(matter__isnull=False).order_by("expires_at", "pk")


TO_ENROL = Q(enrolment__status__in=OPEN_TO_ENROL, enrolment__terms=None)
IN_OR_NEARLY = (Enrolment.Status.ENROLLED, Enrolment.Status.ACTION_REQUIRED)


def unpayable(now: datetime) -> Q:
    return Q(enrolment__status__in=IN_OR_NEARLY) & incomplete(now, of="payee__")


def administered(user: User) -> QuerySet:
    """The locations that this person may enrol and whose payee profile they may edit (ROLE-4, ROLE-5)."""
    return Location.objects.filter(roles__user=user, roles__role=LocationRole.Role.ADMIN)


def counts(user: User, *, now: datetime) -> Mapping[str, int]:
    """How many things there are to do, by matter."""
    waiting = claims(user, now=now).order_by().values_list("matter").annotate(Count("pk"))
    places = administered(user).aggregate(
        enrol=Count("pk", filter=TO_ENROL), payee=Count("pk", filter=unpayable(now))
    )
    found = {**dict(waiting), **places}
    return {key: found.get(key, 0) for key in MATTERS}


def entries(matter: str, user: User, *, now: datetime) -> QuerySet:
    """The claims, or the locations, of one matter."""
    if MATTERS[matter] in OF_CLAIMS:
        shown = claims(user, now=now).filter(matter=matter)
        return shown.select_related("engagement", "location", "customer__organization").defer(
            "search_text", "search_vector"
        )
    wanted = TO_ENROL if matter == "enrol" else unpayable(now)
    return administered(user).filter(wanted).select_related("enrolment")
