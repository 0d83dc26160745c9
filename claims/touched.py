"""What claims have to do with a change of the catalogue: which go on as they are, and which limits are reached."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Case, Count, F, Q, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagements.models import Engagement
from incentives.effects import Effect

from .models import Claim
from .models.claim import ClaimQuerySet
from .states import PRE_CONSENT, Status


def effects(engagements: list[Engagement], changed: set[str], *, now: datetime) -> Iterator[Effect]:
    """Open claims by status, and who has reached a limit among the changed fields; a constant number of queries."""
    claims = Claim.objects.filter(engagement__in=engagements)
    yield from open_claims(claims, now)
    if "id_types" in changed:
        yield from other_ids(claims.open(now))
    if "limits__consents" in changed:
        yield from consents_reached(engagements)
    if "limits__unique_customers" in changed:
        yield from unique_reached(claims, now)
    per_customer = claims.annotate(
        customer_key=Case(
            When(
                engagement__limit_scope=Engagement.Scope.TPID,
                engagement__payout=Engagement.Payout.FIXED,
                then=F("counts_as__organization"),
            ),
            default=F("counts_as"),
        )
    )
    if {"limits__approved", "limits__scope"} & changed:
        reached = grouped(per_customer.filter(status=Status.APPROVED), "limit_approved", "customer_key")
        yield from reached_by(reached, _("approved claims"))
    if {"limits__concurrent", "limits__scope"} & changed:
        reached = grouped(per_customer.open(now), "limit_concurrent", "customer_key")
        yield from reached_by(reached, _("concurrent open claims"))
    if "open_claims_limit" in changed:
        of_area = ("solution_area__open_claims_limit", "partner", "counts_as", "engagement__solution_area")
        yield from reached_by(grouped(claims.open(now), *of_area), _("open claims in the solution area"))


def open_claims(claims: ClaimQuerySet, now: datetime) -> Iterator[Effect]:
    counted = claims.open(now).order_by().values_list("status").annotate(n=Count("pk"))
    found = {Status(status): number for status, number in counted}
    number = sum(found.values())
    if not number:
        yield Effect(_("No open claim is concerned"))
        return
    text = ngettext(
        "%(n)s open claim keeps the terms it was created under",
        "%(n)s open claims keep the terms they were created under",
        number,
    )
    note = ", ".join(f"{status.label}: {found[status]}" for status in Status if status in found)
    yield Effect(text % {"n": number}, note)
    if waiting := sum(n for status, n in found.items() if status in PRE_CONSENT):
        text = ngettext(
            "%(n)s of them waits for the customer's consent",
            "%(n)s of them wait for the customer's consent",
            waiting,
        )
        note = _("What they pay is fixed when the customer agrees, by the rate card in force then.")
        yield Effect(text % {"n": waiting}, note)


def other_ids(claims: ClaimQuerySet) -> Iterator[Effect]:
    """Open claims of customers that could not be claimed by this kind of ID any more."""
    kinds = claims.order_by().values_list("engagement__id_types", "customer__kind").annotate(n=Count("pk"))
    if number := sum(n for allowed, kind, n in kinds if kind not in allowed):
        text = ngettext(
            "%(n)s open claim names its customer by an ID type that is no longer offered",
            "%(n)s open claims name their customers by an ID type that is no longer offered",
            number,
        )
        yield Effect(text % {"n": number}, _("They go on; only new claims need another ID type."), "warn")


def consents_reached(engagements: list[Engagement]) -> Iterator[Effect]:
    given = Count("claims", filter=Q(claims__consented_at__isnull=False))
    for engagement in Engagement.objects.filter(pk__in=[e.pk for e in engagements]).annotate(given=given):
        limit = engagement.limit_consents
        if limit is not None and engagement.given >= limit:
            words = {"given": engagement.given, "limit": limit}
            text = _("%(given)s consents were given, and the limit is %(limit)s") % words
            yield Effect(text, _("Nobody can create a claim until the limit is raised."), "warn")


def unique_reached(claims: ClaimQuerySet, now: datetime) -> Iterator[Effect]:
    counting = claims.open(now) | claims.filter(status=Status.APPROVED)
    reached = (
        counting.order_by()
        .values("engagement", "partner", "location__country")
        .annotate(n=Count("counts_as", distinct=True))
        .filter(
            engagement__limit_unique_customers__isnull=False, n__gte=F("engagement__limit_unique_customers")
        )
        .count()
    )
    if reached:
        text = ngettext(
            "%(n)s partner has reached the new limit of unique customers in a country",
            "%(n)s times a partner has reached the new limit of unique customers in a country",
            reached,
        )
        yield Effect(text % {"n": reached}, _("They can claim no further customers there."), "warn")


def grouped(claims: ClaimQuerySet, limit: str, *keys: str) -> int:
    """How many groups hold as many claims as this limit of their engagement allows, or more."""
    column = f"engagement__{limit}"
    groups = claims.order_by().values(column, *({"engagement", *keys} if len(keys) == 1 else keys))
    return groups.annotate(n=Count("pk")).filter(n__gte=F(column)).count()


def reached_by(groups: int, what: str) -> Iterator[Effect]:
    if groups:
        text = ngettext(
            "%(n)s customer has reached the new limit: %(what)s",
            "%(n)s customers have reached the new limit: %(what)s",
            groups,
        )
        yield Effect(
            text % {"n": groups, "what": what}, _("No further claim can be created for them."), "warn"
        )
